namespace Dray.Inference.Checkpoints;

/// <summary>What a KV cache of one element type needs.</summary>
/// <param name="Dtype">
/// The option's value: <c>fp8_e4m3</c> (with a float32 scale per token and KV head, for K and V each), <c>bf16</c> or <c>fp32</c>.
/// </param>
/// <param name="BytesPerToken">Bytes of one token in all layers.</param>
/// <param name="Contexts">Needs at some context lengths.</param>
public sealed record KvMemory(string Dtype, long BytesPerToken, IReadOnlyList<ContextMemory> Contexts);
