using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Tests.Ptx;

/// <summary>Small kernels that show what the checks of PTX see.</summary>
internal static class ProbeKernels
{
    /// <summary>Loads the kernels as an operation would; the checks read this method, nothing calls it.</summary>
    public static void Load(Accelerator accelerator)
    {
        _ = accelerator.LoadStreamKernel<ArrayView<float>>(Unmarked);
        _ = accelerator.LoadStreamKernel<ArrayView<float>, SpecializedValue<int>>(Repeated, KernelAttribute.BoundsOf(Repeated));
        _ = new Thread(Nothing);
        Load<Four>(accelerator);
    }

    public static void Load<TWords>(Accelerator accelerator)
        where TWords : unmanaged
    {
        var later = new Lazy<Action<AcceleratorStream, KernelConfig, ArrayView<TWords>, ArrayView<TWords>>>(
            () => accelerator.LoadKernel<ArrayView<TWords>, ArrayView<TWords>>(Copied));
        _ = later.Value;
    }

    public static void Unmarked(ArrayView<float> data) => data[Group.IdxX] = 1f;

    [Kernel(4, MaxThreads = 128, MinGroups = 2)]
    [Kernel(32, MaxThreads = 128, MinGroups = 2)]
    public static void Repeated(ArrayView<float> data, SpecializedValue<int> times)
    {
        var shared = SharedMemory.Allocate<float>(256);
        shared[Group.IdxX] = data[Group.IdxX];
        Group.Barrier();
        data[Group.IdxX] = times.Value == 4 ? shared[0] : shared[1] + shared[2];
    }

    public static void Copied<T>(ArrayView<T> source, ArrayView<T> target)
        where T : unmanaged => target.AsAligned(16)[Group.IdxX] = source.AsAligned(16)[Group.IdxX];

    [Kernel]
    public static void Double(ArrayView<float> data) => data[Group.IdxX] = (float)(data[Group.IdxX] * 0.1);

    [Kernel]
    public static void TensorCores(ArrayView<float> data, ArrayView<uint> operands)
    {
        Input<uint> a0 = operands[0], a1 = operands[1], a2 = operands[2], a3 = operands[3], b0 = operands[4], b1 = operands[5];
        Input<float> c0 = data[0], c1 = data[1], c2 = data[2], c3 = data[3];
        Output<float> d0 = default, d1 = default, d2 = default, d3 = default;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};",
            ref d0, ref d1, ref d2, ref d3, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref c0, ref c1, ref c2, ref c3);
        data[0] = d0.Value;
        data[1] = d1.Value;
        data[2] = d2.Value;
        data[3] = d3.Value;
    }

    private static void Nothing()
    {
    }

    internal readonly record struct Four(int X, int Y, int Z, int W);
}
