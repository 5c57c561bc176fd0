using Dray.Inference.Compute;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Microsoft.Extensions.Logging;

namespace Dray.Inference.Ilgpu;

/// <summary>Finds and opens the devices of this machine.</summary>
public static class IlgpuDevices
{
    /// <summary>Lists CUDA devices, then OpenCL devices, those that can't be used with the reason. Empty where there are no drivers.</summary>
    public static IReadOnlyList<IlgpuDevice> List()
    {
        NativeDrivers.Prepare();
        return [
            .. CudaDevice.GetDevices(_ => true).Select((device, index) => Describe((CudaDevice)device, index)),
            .. CLDevice.GetDevices(_ => true).Select((device, index) => Describe((CLDevice)device, index))];
    }

    /// <summary>Opens a device of <see cref="List"/>.</summary>
    /// <param name="device">Which.</param>
    /// <param name="logger">Told of what makes it slower than it could be.</param>
    /// <exception cref="EngineConfigurationException">It can't be used.</exception>
    public static IComputeBackend Open(IlgpuDevice device, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Problem is { } problem) throw new EngineConfigurationException($"The device {device.Option}, {device.Name}, {problem}.");
        var context = Build(device);
        try
        {
            var found = context.Devices.Single(candidate => candidate.AcceleratorType != AcceleratorType.CPU);
            return new IlgpuBackend(context, found.CreateAccelerator(context), $"{device.Kind}-{device.Name}", logger);
        }
        catch (Exception exception) when (exception is AcceleratorException or InternalCompilerException)
        {
            context.Dispose();
            throw new EngineConfigurationException($"The device {device.Option}, {device.Name}, could not be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Opens ILGPU's emulation of a GPU on the CPU: slow, for tests of kernels.</summary>
    internal static IlgpuBackend OpenEmulated()
    {
        var context = Context.Create(builder => Configure(builder.CPU(new CPUDevice(32, 8, 1))));
        return new IlgpuBackend(context, context.GetCPUDevice(0).CreateCPUAccelerator(context, CPUAcceleratorMode.Parallel), "emulated");
    }

    /// <summary>What every context has in common. At a lower level of optimisation views become generic pointers, and tensor-core kernels don't compile.</summary>
    internal static Context.Builder Configure(Context.Builder builder) => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2);

    internal static Context Build(IlgpuDevice device)
    {
        var index = -1;
        return Context.Create(builder => Configure(device.Kind == "cuda"
            ? builder.Cuda(_ => ++index == device.Index)
            : builder.OpenCL(candidate => ++index == device.Index && Pocl.Accept(candidate))));
    }

    private static IlgpuDevice Describe(CudaDevice device, int index) => new("cuda", index, device.Name, device.MemorySize, IsGpu: true, device switch
    {
        { Architecture: null } or { InstructionSet: null } =>
            $"has a driver (CUDA {device.DriverVersion}) that this version does not know; install a driver of CUDA 11.8 or later",
        { Architecture: { } architecture } when architecture < CudaArchitecture.SM_80 =>
            $"has compute capability {architecture.Major}.{architecture.Minor}; 8.0 (Ampere) or later is needed, for tensor cores with bf16",
        { InstructionSet: { } isa } when isa < CudaInstructionSet.ISA_78 =>
            $"has a driver that is too old (CUDA {device.DriverVersion}); install a driver of CUDA 11.8 or later",
        _ => null,
    });

    private static IlgpuDevice Describe(CLDevice device, int index)
    {
        var isGpu = device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);
        return new("opencl", index, device.Name, device.MemorySize, isGpu, device switch
        {
            _ when device.CLStdVersion < CLBackend.MinimumVersion => $"has OpenCL C {device.CLStdVersion}; {CLBackend.MinimumVersion} or later is needed",
            _ when !Pocl.Accept(device) => "has no generic address space in OpenCL; a newer driver may add it",
            { MaxNumThreadsPerGroup: < 256 } => $"runs groups of at most {device.MaxNumThreadsPerGroup} work items; 256 are needed",
            _ => null,
        });
    }
}
