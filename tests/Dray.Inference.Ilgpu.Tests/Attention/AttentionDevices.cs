using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL;

namespace Dray.Inference.Ilgpu.Tests.Attention;

/// <summary>The devices that attention is tested on, opened once: kernels are compiled for each.</summary>
internal static class AttentionDevices
{
    private static readonly Lazy<Accelerator> EmulatedDevice = new(() => Context.Create(builder => IlgpuDevices.Configure(builder.CPU())).CreateCPUAccelerator(0));

    private static readonly Lazy<Accelerator> WarpDevice = new(() =>
    {
        var device = new CPUDevice(32, 4, 1);
        return Context.Create(builder => IlgpuDevices.Configure(builder.CPU(device))).CreateCPUAccelerator(0);
    });

    private static readonly Lazy<Accelerator?> OpenClDevice = new(OpenFirst);

    /// <summary>ILGPU's own emulation, 16 threads a group.</summary>
    public static Accelerator Emulated => EmulatedDevice.Value;

    /// <summary>ILGPU's own emulation with warps of 32 and 128 threads a group.</summary>
    public static Accelerator Warps => WarpDevice.Value;

    /// <summary>OpenCL; skips the test where there is none.</summary>
    public static Accelerator OpenCl
    {
        get
        {
            RequiredServices.Demand(OpenClDevice.Value is not null, "opencl device");
            return OpenClDevice.Value!;
        }
    }

    private static Accelerator? OpenFirst()
    {
        if (IlgpuDevices.List().FirstOrDefault(device => device is { Kind: "opencl", Problem: null }) is not { } device) return null;
        var context = IlgpuDevices.Build(device);
        return context.GetCLDevice(0).CreateCLAccelerator(context);
    }
}
