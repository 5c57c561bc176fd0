namespace Dray.Inference.Ilgpu;

/// <summary>A device that ILGPU can drive.</summary>
/// <param name="Kind"><c>cuda</c>, <c>opencl</c> or <c>cpu</c> (ILGPU's own emulation).</param>
/// <param name="Name">The name that the driver gives it.</param>
/// <param name="MemoryBytes">Its memory.</param>
public sealed record IlgpuDevice(string Kind, string Name, long MemoryBytes);
