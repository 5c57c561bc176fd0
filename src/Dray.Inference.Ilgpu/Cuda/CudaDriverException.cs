namespace Dray.Inference.Ilgpu.Cuda;

/// <summary>A function of the CUDA driver failed, of those that ILGPU does not call.</summary>
/// <param name="code">The driver's error.</param>
/// <param name="message">What failed, and what the driver says of it.</param>
internal sealed class CudaDriverException(int code, string message) : Exception(message)
{
    /// <summary>Gets the driver's error, a <c>CUresult</c>.</summary>
    public int Code { get; } = code;
}
