namespace Dray.Inference.Compute.Cpu;

/// <summary>The operating system doesn't let this process execute code that it wrote itself.</summary>
internal sealed class ExecutableMemoryException(string message) : Exception(message);
