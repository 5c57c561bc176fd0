using System.Globalization;
using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.Cuda;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Dray.Inference.Ilgpu;

/// <summary>What a driver's errors mean for an engine: the device is lost, or its memory is full.</summary>
internal static class DeviceFailure
{
    private const int OutOfMemory = 2;

    /// <summary>
    /// Errors after which a context, and with it the process, can't use the device any more (CUDA Driver API, CUresult: "the process must
    /// be terminated and relaunched"), or that say that the device is gone.
    /// </summary>
    private static readonly HashSet<int> Lost =
    [
        4,   // deinitialized: the driver shuts down
        46,  // device unavailable
        100, // no device
        101, // invalid device
        214, // uncorrectable ECC error
        220, // uncorrectable NVLink error
        226, // contained error
        700, // illegal address
        702, // launch timeout
        709, // context is destroyed
        710, // device-side assert
        714, // hardware stack error
        715, // illegal instruction
        716, // misaligned address
        717, // invalid address space
        718, // invalid program counter
        719, // launch failed
        721, // tensor memory leak
        802, // system not ready
        999, // unknown: what the driver says when a GPU has fallen off the bus
    ];

    /// <summary>The seam's exception for a driver's, or null where it means neither and is to be thrown on as it is.</summary>
    /// <param name="exception">What was caught.</param>
    /// <param name="device">The device, for the message.</param>
    public static Exception? Translate(Exception exception, string device) => exception switch
    {
        CudaException cuda => Translate(cuda, CodeOf(cuda), device),
        CudaDriverException driver => Translate(driver, driver.Code, device),
        CLException { Error: CLError.CL_DEVICE_NOT_AVAILABLE or CLError.CL_DEVICE_NOT_FOUND } => Gone(exception, device),
        CLException { Error: CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES or CLError.CL_OUT_OF_HOST_MEMORY } => Full(exception, device),
        _ => null,
    };

    private static Exception? Translate(Exception exception, int code, string device) =>
        code == OutOfMemory ? Full(exception, device) : Lost.Contains(code) ? Gone(exception, device) : null;

    private static DeviceMemoryException Full(Exception exception, string device) =>
        new($"The memory of {device} is full ({Words(exception)}).", exception);

    private static DeviceLostException Gone(Exception exception, string device) =>
        new($"The device {device} is lost ({Words(exception)}).", exception);

    private static string Words(Exception exception) => exception is CudaException cuda
        ? string.Create(CultureInfo.InvariantCulture, $"{exception.Message.TrimEnd('.')}, CUDA error {CodeOf(cuda)}")
        : exception.Message.TrimEnd('.');

    // ILGPU tells the error by its name, or by its number where it has no name for it.
    private static int CodeOf(CudaException exception) => Enum.TryParse<CudaError>(exception.Error, out var error) ? (int)error : 0;
}
