using Dray.Inference.Checkpoints;

namespace Dray.Inference.Models;

/// <summary>Where a checkpoint keeps one pre-norm transformer layer with gated feed-forward: all that text and vision layers differ in.</summary>
/// <param name="HiddenSize">Width of the residual stream.</param>
/// <param name="AttentionNorm">Norm before attention.</param>
/// <param name="Attention">Parent of q, k, v and o.</param>
/// <param name="FeedForwardNorm">Norm before the feed-forward.</param>
/// <param name="FeedForward">Parent of gate, up and down.</param>
internal sealed record TransformerLayerSpec(int HiddenSize, string AttentionNorm, string Attention, string FeedForwardNorm, string FeedForward)
{
    public static TransformerLayerSpec Text(TextConfig config, int index)
    {
        var name = $"language_model.model.layers.{index}";
        return new(config.HiddenSize, $"{name}.input_layernorm", $"{name}.self_attn", $"{name}.post_attention_layernorm", $"{name}.mlp");
    }

    public static TransformerLayerSpec Vision(VisionConfig config, int index)
    {
        var name = $"vision_tower.transformer.layers.{index}";
        return new(config.HiddenSize, $"{name}.attention_norm", $"{name}.attention", $"{name}.ffn_norm", $"{name}.feed_forward");
    }
}
