using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL;

namespace Dray.Inference.Ilgpu.Tests.Attention;

/// <summary>The devices that attention is tested on, opened once: kernels are compiled for each.</summary>
internal static class AttentionDevices
{
    private static readonly Lazy<Accelerator> EmulatedDevice = new(() => Context.Create(builder => builder.CPU()).CreateCPUAccelerator(0));

    private static readonly Lazy<Accelerator> WarpDevice = new(() =>
    {
        var device = new CPUDevice(32, 4, 1);
        return Context.Create(builder => builder.CPU(device)).CreateCPUAccelerator(0);
    });

    private static readonly Lazy<Accelerator?> OpenClDevice = new(OpenPocl);

    /// <summary>ILGPU's own emulation, 16 threads a group.</summary>
    public static Accelerator Emulated => EmulatedDevice.Value;

    /// <summary>ILGPU's own emulation with warps of 32 and 128 threads a group.</summary>
    public static Accelerator Warps => WarpDevice.Value;

    /// <summary>OpenCL; skips the test where there is none.</summary>
    public static Accelerator OpenCl
    {
        get
        {
            Assert.SkipWhen(OpenClDevice.Value is null, "No OpenCL device is here; pocl-opencl-icd is one.");
            return OpenClDevice.Value!;
        }
    }

    private static Accelerator? OpenPocl()
    {
        NativeDrivers.Prepare();
        Context context;
        try
        {
            context = Context.Create(builder => builder.OpenCL(Pocl.Accept));
        }
        catch (Exception exception) when (exception is DllNotFoundException or CLException)
        {
            return null;
        }

        var devices = context.GetCLDevices();
        return devices.Count == 0 ? null : devices[0].CreateCLAccelerator(context);
    }
}
