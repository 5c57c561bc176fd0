using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.TensorCores;
using Dray.Tests.Ptx;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Tests.TensorCores;

/// <summary>Runs the PTX of <see cref="TensorCoreKernel"/> as a launch on a device would.</summary>
internal sealed class TensorCoreProduct : IDisposable
{
    private readonly PtxCompiler _compiler = new(builder => IlgpuDevices.Configure(builder));
    private readonly Dictionary<(int, bool, FragmentKind), string> _texts = [];

    /// <summary>y of an [M, N + gap] tensor that held <paramref name="before"/>; x is row-major.</summary>
    public float[] Run(IReadOnlyList<LinearSource> parts, float[] x, int rows, float[]? before = null, int gap = 0, bool reversed = false, MatMulPlan? plan = null)
    {
        var layout = FragmentLayout.Of(parts)!;
        var chosen = plan ?? MatMulPlan.For(layout, rows);
        var packed = new byte[layout.Bytes];
        FragmentPacker.Pack(parts, layout, (offset, bytes) => bytes.CopyTo(packed.AsSpan((int)offset)));
        var width = layout.Blocks * 128;
        var rounded = new ushort[rows * width];
        for (var i = 0; i < x.Length; i++) rounded[(i / layout.Inputs * width) + (i % layout.Inputs)] = BrainFloat.Encode(x[i]);

        var stride = layout.Outputs + gap;
        var y = before ?? [.. Enumerable.Repeat(float.NaN, rows * stride)];
        var memory = new DeviceMemory();
        var xAt = memory.Place(MemoryMarshal.AsBytes(rounded.AsSpan()));
        var weightsAt = memory.Place(packed);
        var yAt = memory.Place(MemoryMarshal.AsBytes(y.AsSpan()), 4);
        var partialsAt = memory.Place(new byte[chosen.PartialBytes]);
        var countersAt = memory.Place(new byte[chosen.Tiles * sizeof(int)]);
        var call = new MatMulCall
        {
            X = xAt,
            Weights = weightsAt,
            Scales = weightsAt + layout.WeightBytes,
            Y = yAt,
            Partials = partialsAt,
            RowBytes = stride * sizeof(float),
            Rows = rows,
            Outputs = layout.Outputs,
            Blocks = layout.Blocks,
            SegmentBlocks = layout.SegmentBlocks,
            Accumulate = before is null ? 0 : 1,
        };
        var bytes = memory.ToBytes();
        var parameters = DeviceMemory.Parameters(call, Unsafe.SizeOf<MatMulCall>(), countersAt, chosen.Tiles);
        new PtxMachine(new PtxProgram(Text(chosen, layout.Kind)), parameters, bytes).Run(TensorCoreKernel.Threads, chosen.Tiles, chosen.Segments, reversed);
        MemoryMarshal.Cast<byte, int>(bytes.AsSpan((int)countersAt, chosen.Tiles * sizeof(int))).ToArray().ShouldAllBe(counter => counter == 0);
        bytes.AsSpan((int)yAt - 4, 4).ToArray().ShouldAllBe(value => value == 0xEE);
        bytes.AsSpan((int)yAt + (y.Length * 4), 64).ToArray().ShouldAllBe(value => value == 0xEE);
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan((int)yAt, y.Length * sizeof(float))).ToArray();
    }

    public void Dispose() => _compiler.Dispose();

    private string Text(MatMulPlan plan, FragmentKind kind)
    {
        if (_texts.TryGetValue((plan.Octets, plan.HasTotals, kind), out var text)) return text;
        var tile = plan switch
        {
            { Octets: 1 } => typeof(Rows8),
            { Octets: 2 } => typeof(Rows16),
            { Octets: 4, HasTotals: true } => typeof(Rows32Segments),
            { Octets: 4 } => typeof(Rows32),
            { HasTotals: false } => typeof(Rows64),
            _ => typeof(Rows64Segments),
        };
        var weights = kind switch
        {
            FragmentKind.CoarseNibbles => typeof(CoarseNibbles),
            FragmentKind.FineNibbles => typeof(FineNibbles),
            _ => typeof(DenseWeights),
        };
        var method = typeof(TensorCoreKernel).GetMethod(nameof(TensorCoreKernel.Run))!.MakeGenericMethod(tile, weights);
        var kernel = new KernelVariant(method, TensorCoreKernel.BoundsOf(method), [], KernelTraits.None);
        return _texts[(plan.Octets, plan.HasTotals, kind)] = _compiler.Compile(kernel, new PtxTarget(CudaArchitecture.SM_80, CudaInstructionSet.ISA_78));
    }
}
