namespace Dray.Inference.Checkpoints;

/// <summary>What one sequence of some length needs.</summary>
/// <param name="Tokens">Length of the sequence.</param>
/// <param name="KvBytes">Bytes of its KV cache.</param>
/// <param name="TotalBytes">Bytes of the KV cache and the weights.</param>
public sealed record ContextMemory(int Tokens, long KvBytes, long TotalBytes);
