using System.Globalization;
using Dray.Inference.Compute;
using Dray.Inference.Ilgpu;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Dray.Benchmarks.Gpu;

/// <summary>The device under measurement: opened as the backend opens it, or bare.</summary>
internal sealed class MeasuredDevice
{
    private readonly IlgpuDevice? _device;

    private MeasuredDevice(IlgpuDevice? device, string name, long memoryBytes) => (_device, Name, MemoryBytes) = (device, name, memoryBytes);

    /// <summary>Gets the driver's name for it.</summary>
    public string Name { get; }

    /// <summary>Gets its memory.</summary>
    public long MemoryBytes { get; }

    /// <exception cref="ArgumentException">There is no such device here.</exception>
    public static MeasuredDevice Find(string option)
    {
        if (option == "emulated") return new MeasuredDevice(null, "ILGPU's CPU accelerator", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var parts = option.Split(':', 2);
        var number = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var found = IlgpuDevices.List().Where(device => device.Kind == parts[0]).ElementAtOrDefault(number);
        return found is { Problem: null }
            ? new MeasuredDevice(found, found.Name, found.MemoryBytes)
            : throw new ArgumentException(found is null
                ? $"There is no device {option} on this machine."
                : $"The device {option}, {found.Name}, {found.Problem}.");
    }

    /// <summary>Opens the backend.</summary>
    public IComputeBackend OpenBackend() => _device is null ? IlgpuDevices.OpenEmulated() : IlgpuDevices.Open(_device);

    /// <summary>Opens the device itself; the caller disposes of both.</summary>
    public (Context Context, Accelerator Accelerator) OpenBare()
    {
        if (_device is null)
        {
            var emulation = Context.Create(builder => IlgpuDevices.Configure(builder.CPU(new CPUDevice(32, 8, 1))));
            return (emulation, emulation.GetCPUDevice(0).CreateAccelerator(emulation));
        }

        var context = IlgpuDevices.Build(_device);
        return (context, context.Devices.Single(device => device.AcceleratorType != AcceleratorType.CPU).CreateAccelerator(context));
    }
}
