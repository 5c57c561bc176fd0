using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.Cuda;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Dray.Inference.Ilgpu.Tests;

public sealed class DeviceFailureTests
{
    [Theory]
    [InlineData(46, typeof(DeviceLostException))]
    [InlineData(101, typeof(DeviceLostException))]
    [InlineData(700, typeof(DeviceLostException))]
    [InlineData(719, typeof(DeviceLostException))]
    [InlineData(999, typeof(DeviceLostException))]
    [InlineData(2, typeof(DeviceMemoryException))]
    [InlineData(1, null)]
    [InlineData(901, null)]
    public void Translate_CudaError_SaysWhatItMeans(int code, Type? expected)
    {
        // ILGPU's own exception asks the driver for its words.
        Exception[] failures = CudaAPI.CurrentAPI.IsSupported
            ? [new CudaException((CudaError)code), new CudaDriverException(code, "A graph could not be launched.")]
            : [new CudaDriverException(code, "A graph could not be launched.")];
        foreach (var failure in failures)
        {
            var meaning = DeviceFailure.Translate(failure, "cuda-test");

            (meaning?.GetType()).ShouldBe(expected);
            if (meaning is null) continue;
            meaning.InnerException.ShouldBeSameAs(failure);
            meaning.Message.ShouldContain("cuda-test");
        }
    }

    [Theory]
    [InlineData(CLError.CL_DEVICE_NOT_AVAILABLE, typeof(DeviceLostException))]
    [InlineData(CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE, typeof(DeviceMemoryException))]
    [InlineData(CLError.CL_INVALID_VALUE, null)]
    public void Translate_OpenClError_SaysWhatItMeans(CLError error, Type? expected) =>
        (DeviceFailure.Translate(new CLException(error), "opencl-test")?.GetType()).ShouldBe(expected);

    [Fact]
    public void Translate_AnythingElse_MeansNothing() => DeviceFailure.Translate(new InvalidOperationException(), "cuda-test").ShouldBeNull();
}
