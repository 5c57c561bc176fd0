namespace Dray.Inference.Compute.Cpu;

/// <summary>The assembled routines that the products of training run on: byte codes, inputs in one or two int8 planes.</summary>
internal sealed class TrainingKernels : IDisposable
{
    private readonly ExecutableCode _code;
    private readonly TileKernels[] _kernels;

    /// <summary>Assembles the routines.</summary>
    /// <exception cref="ExecutableMemoryException">The system doesn't let assembled code be executed.</exception>
    public TrainingKernels()
    {
        var routines = new List<byte[]>();
        int Add(int planes, bool hasOffsets)
        {
            var first = routines.Count;
            for (var rows = 1; rows <= MaxRows(planes); rows++) routines.Add(IntegerTileKernel.Assemble(rows, planes, isNibbles: false, hasOffsets));
            return first;
        }

        var firsts = new[] { Add(1, false), Add(2, false), Add(1, true), Add(2, true) };
        _code = new ExecutableCode(routines);
        _kernels = [.. firsts.Select((first, i) => new TileKernels(_code, first, MaxRows(1 + (i % 2))))];
    }

    /// <summary>Gets the routines for inputs of 8 bits and codes with one zero point.</summary>
    public TileKernels Bits8 => For(1, hasOffsets: false);

    /// <summary>The routines for inputs in so many planes, and codes with one zero point or <paramref name="hasOffsets"/> of their own.</summary>
    public TileKernels For(int planes, bool hasOffsets) => _kernels[planes - 1 + (hasOffsets ? 2 : 0)];

    public void Dispose() => _code.Dispose();

    private static int MaxRows(int planes) => IntegerTileKernel.MaxLanes / planes;
}
