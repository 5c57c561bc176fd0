namespace Dray.Inference.Compute.Cpu;

/// <summary>The assembled routines that the products of training run on: byte codes with one zero point, inputs in one or two int8 planes.</summary>
internal sealed class TrainingKernels : IDisposable
{
    private readonly ExecutableCode _code;

    /// <summary>Assembles the routines.</summary>
    /// <exception cref="ExecutableMemoryException">The system doesn't let assembled code be executed.</exception>
    public TrainingKernels()
    {
        var routines = new List<byte[]>();
        var (narrow, wide) = (IntegerTileKernel.MaxLanes, IntegerTileKernel.MaxLanes / 2);
        for (var rows = 1; rows <= narrow; rows++) routines.Add(IntegerTileKernel.Assemble(rows, planes: 1, isNibbles: false, hasOffsets: false));
        for (var rows = 1; rows <= wide; rows++) routines.Add(IntegerTileKernel.Assemble(rows, planes: 2, isNibbles: false, hasOffsets: false));
        _code = new ExecutableCode(routines);
        (Bits8, Bits16) = (new TileKernels(_code, 0, narrow), new TileKernels(_code, narrow, wide));
    }

    /// <summary>Gets the routines for inputs of 8 bits.</summary>
    public TileKernels Bits8 { get; }

    /// <summary>Gets the routines for inputs of 16 bits.</summary>
    public TileKernels Bits16 { get; }

    /// <summary>Gets whether this process can run such routines.</summary>
    public static bool AreSupported => CpuFeatures.OfThisProcess.Lack(CpuInstructionSet.Avx512Vnni) is null;

    public void Dispose() => _code.Dispose();
}
