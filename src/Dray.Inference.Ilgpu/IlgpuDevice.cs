namespace Dray.Inference.Ilgpu;

/// <summary>A device of this machine that a driver offers.</summary>
/// <param name="Kind"><c>cuda</c> or <c>opencl</c>.</param>
/// <param name="Index">Its number among those of its kind.</param>
/// <param name="Name">The name that the driver gives it.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="IsGpu">Whether it is a GPU; OpenCL can drive CPUs too.</param>
/// <param name="Problem">Why Dray can't use it, as the end of a sentence that begins with its name; null if it can.</param>
public sealed record IlgpuDevice(string Kind, int Index, string Name, long MemoryBytes, bool IsGpu, string? Problem)
{
    /// <summary>Gets the value of the option <c>device</c> that chooses it, such as <c>cuda:0</c>.</summary>
    public string Option => $"{Kind}:{Index}";
}
