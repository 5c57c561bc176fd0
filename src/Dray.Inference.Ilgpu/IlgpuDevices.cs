using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu;

/// <summary>The devices of this machine that ILGPU can drive.</summary>
public static class IlgpuDevices
{
    /// <summary>Lists CUDA, OpenCL and emulated devices. A machine without drivers has the emulated one only.</summary>
    public static IReadOnlyList<IlgpuDevice> List()
    {
        using var context = Context.Create(builder => builder.AllAccelerators());
        return [.. context.Devices.Select(device => new IlgpuDevice(Kind(device.AcceleratorType), device.Name, device.MemorySize))];
    }

    private static string Kind(AcceleratorType type) => type switch
    {
        AcceleratorType.Cuda => "cuda",
        AcceleratorType.OpenCL => "opencl",
        _ => "cpu",
    };
}
