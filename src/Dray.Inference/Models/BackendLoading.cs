using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>What loading a model needs of a backend beyond its operations.</summary>
internal static class BackendLoading
{
    /// <summary>Uploads a norm's gain as a [1, n] tensor.</summary>
    public static TensorBuffer LoadVector(this IComputeBackend backend, ReadOnlySpan<float> values)
    {
        var buffer = backend.Allocate(1, values.Length);
        backend.Upload(values, buffer.View);
        return buffer;
    }
}
