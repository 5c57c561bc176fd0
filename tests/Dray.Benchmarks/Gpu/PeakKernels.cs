using Dray.Inference.Ilgpu;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Dray.Benchmarks.Gpu;

/// <summary>Kernels that do one thing as fast as the device can.</summary>
internal static class PeakKernels
{
    /// <summary>Floating-point operations that <see cref="TensorCores"/> does in an iteration: per warp, eight products of 16 x 8 x 16.</summary>
    public const double FlopsPerWarpIteration = 8.0 * 2 * 16 * 8 * 16;

    private const string EightProducts =
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%32, %33, %34, %35}, {%36, %37}, {%0, %1, %2, %3};\n" +
        "\tmma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%4, %5, %6, %7}, {%32, %33, %34, %35}, {%36, %37}, {%4, %5, %6, %7};\n" +
        "\tmma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%8, %9, %10, %11}, {%32, %33, %34, %35}, {%36, %37}, {%8, %9, %10, %11};\n" +
        "\tmma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%12, %13, %14, %15}, {%32, %33, %34, %35}, {%36, %37}, {%12, %13, %14, %15};\n" +
        "\tmma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%16, %17, %18, %19}, {%32, %33, %34, %35}, {%36, %37}, {%16, %17, %18, %19};\n" +
        "\tmma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%20, %21, %22, %23}, {%32, %33, %34, %35}, {%36, %37}, {%20, %21, %22, %23};\n" +
        "\tmma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%24, %25, %26, %27}, {%32, %33, %34, %35}, {%36, %37}, {%24, %25, %26, %27};\n" +
        "\tmma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%28, %29, %30, %31}, {%32, %33, %34, %35}, {%36, %37}, {%28, %29, %30, %31};";

    /// <summary>Adds up the words of <paramref name="source"/>, whose length is a multiple of four times the threads of the grid.</summary>
    [Kernel(MaxThreads = 256, Traits = KernelTraits.Hot | KernelTraits.VectorLoads)]
    public static void Read(ArrayView<FourWords> source, ArrayView<int> sink)
    {
        var threads = Grid.DimX * Group.DimX;
        var vectors = source.AsAligned(16);
        var sum = 0;
        for (var i = (long)(Grid.IdxX * Group.DimX) + Group.IdxX; i < source.Length; i += 4L * threads)
        {
            var a = vectors[i];
            var b = vectors[i + threads];
            var c = vectors[i + (2L * threads)];
            var d = vectors[i + (3L * threads)];
            sum += a.X + a.Y + a.Z + a.W + b.X + b.Y + b.Z + b.W + c.X + c.Y + c.Z + c.W + d.X + d.Y + d.Z + d.W;
        }

        // Never true of zeros, but the compiler can't know.
        if (sum == int.MinValue) sink[0] = sum;
    }

    /// <summary>Multiplies in tensor cores without memory: eight independent sums, so that they are never waited for.</summary>
    [Kernel(MaxThreads = 256, Traits = KernelTraits.Hot | KernelTraits.TensorCores)]
    public static void TensorCores(ArrayView<float> sink, int iterations)
    {
        if (!CudaAsm.IsSupported) return;
        Input<uint> a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0;
        Ref<float> c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0, c8 = 0, c9 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0, c14 = 0, c15 = 0;
        Ref<float> c16 = 0, c17 = 0, c18 = 0, c19 = 0, c20 = 0, c21 = 0, c22 = 0, c23 = 0, c24 = 0, c25 = 0, c26 = 0, c27 = 0, c28 = 0, c29 = 0, c30 = 0, c31 = 0;
        for (var i = 0; i < iterations; i++)
        {
            CudaAsm.EmitRef(
                EightProducts,
                ref c0, ref c1, ref c2, ref c3, ref c4, ref c5, ref c6, ref c7, ref c8, ref c9, ref c10, ref c11, ref c12, ref c13, ref c14, ref c15,
                ref c16, ref c17, ref c18, ref c19, ref c20, ref c21, ref c22, ref c23, ref c24, ref c25, ref c26, ref c27, ref c28, ref c29, ref c30, ref c31,
                ref a0, ref a1, ref a2, ref a3, ref b0, ref b1);
        }

        var sum = c0.Value + c4.Value + c8.Value + c12.Value + c16.Value + c20.Value + c24.Value + c28.Value;
        if (sum > 0f) sink[0] = sum;
    }

    /// <summary>Sixteen bytes.</summary>
    internal readonly record struct FourWords(int X, int Y, int Z, int W);
}
