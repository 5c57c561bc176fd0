using Dray.Tests.Ptx;

namespace Dray.Inference.Ilgpu.Tests.Ptx;

/// <summary>The CUDA toolkit where it is installed; tests that need it are skipped elsewhere and say so.</summary>
internal static class RequiredToolkit
{
    private static readonly Lazy<(CudaToolkit? Toolkit, string? Reason)> Found = new(CudaToolkit.Find);

    public static CudaToolkit Get()
    {
        var (toolkit, reason) = Found.Value;
        if (toolkit is null) Assert.Skip($"skipped: {reason}");
        return toolkit!;
    }
}
