namespace Dray.Quantization;

/// <summary>One decoder block's weights in float32, before it is quantized.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Layers">Its linear layers in the order q, k, v, o, gate, up, down.</param>
/// <param name="AttentionNorm">Gains of the normalisation before attention.</param>
/// <param name="FeedForwardNorm">Gains of the normalisation before the feed-forward branch.</param>
public sealed record DecoderBlock(int Index, IReadOnlyList<BlockLayer> Layers, float[] AttentionNorm, float[] FeedForwardNorm);
