namespace Dray.Inference.Checkpoints;

/// <summary>The weight matrices that an architecture has, by canonical name, and their shapes [N, K].</summary>
internal static class ModuleShapes
{
    /// <summary>All matrices, embedding first; a tied head is not among them.</summary>
    public static Dictionary<string, (int Outputs, int Inputs)> Of(ModelConfig config)
    {
        var shapes = new Dictionary<string, (int Outputs, int Inputs)>(StringComparer.Ordinal);
        var text = config.Text;
        shapes.Add(ModuleNames.Embedding, (text.VocabSize, text.HiddenSize));
        for (var layer = 0; layer < text.Layers; layer++)
        {
            var prefix = $"{ModuleNames.Decoder}layers.{layer}.";
            shapes.Add(prefix + "self_attn.q_proj", (text.Heads * text.HeadDim, text.HiddenSize));
            shapes.Add(prefix + "self_attn.k_proj", (text.KvHeads * text.HeadDim, text.HiddenSize));
            shapes.Add(prefix + "self_attn.v_proj", (text.KvHeads * text.HeadDim, text.HiddenSize));
            shapes.Add(prefix + "self_attn.o_proj", (text.HiddenSize, text.Heads * text.HeadDim));
            shapes.Add(prefix + "mlp.gate_proj", (text.IntermediateSize, text.HiddenSize));
            shapes.Add(prefix + "mlp.up_proj", (text.IntermediateSize, text.HiddenSize));
            shapes.Add(prefix + "mlp.down_proj", (text.HiddenSize, text.IntermediateSize));
        }

        if (!text.TiedEmbeddings) shapes.Add(ModuleNames.Head, (text.VocabSize, text.HiddenSize));
        if (config.Vision is { } vision) AddVision(shapes, vision, text.HiddenSize);
        return shapes;
    }

    /// <summary>All normalisation gains and their lengths.</summary>
    public static Dictionary<string, int> GainsOf(ModelConfig config)
    {
        var gains = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var layer = 0; layer < config.Text.Layers; layer++)
        {
            gains.Add($"{ModuleNames.Decoder}layers.{layer}.input_layernorm", config.Text.HiddenSize);
            gains.Add($"{ModuleNames.Decoder}layers.{layer}.post_attention_layernorm", config.Text.HiddenSize);
        }

        gains.Add(ModuleNames.FinalNorm, config.Text.HiddenSize);
        if (config.Vision is not { } vision) return gains;
        gains.Add($"{ModuleNames.VisionTower}ln_pre", vision.HiddenSize);
        for (var layer = 0; layer < vision.Layers; layer++)
        {
            gains.Add($"{ModuleNames.VisionTower}transformer.layers.{layer}.attention_norm", vision.HiddenSize);
            gains.Add($"{ModuleNames.VisionTower}transformer.layers.{layer}.ffn_norm", vision.HiddenSize);
        }

        gains.Add($"{ModuleNames.Projector}norm", vision.HiddenSize);
        return gains;
    }

    private static void AddVision(Dictionary<string, (int Outputs, int Inputs)> shapes, VisionConfig vision, int textHidden)
    {
        var hidden = vision.HiddenSize;
        shapes.Add(ModuleNames.VisionTower + "patch_conv", (hidden, vision.Channels * vision.PatchSize * vision.PatchSize));
        for (var layer = 0; layer < vision.Layers; layer++)
        {
            var prefix = $"{ModuleNames.VisionTower}transformer.layers.{layer}.";
            foreach (var name in (ReadOnlySpan<string>)["q_proj", "k_proj", "v_proj", "o_proj"])
                shapes.Add($"{prefix}attention.{name}", (hidden, hidden));
            shapes.Add(prefix + "feed_forward.gate_proj", (vision.IntermediateSize, hidden));
            shapes.Add(prefix + "feed_forward.up_proj", (vision.IntermediateSize, hidden));
            shapes.Add(prefix + "feed_forward.down_proj", (hidden, vision.IntermediateSize));
        }

        shapes.Add(ModuleNames.Projector + "patch_merger.merging_layer", (hidden, hidden * vision.MergeSize * vision.MergeSize));
        shapes.Add(ModuleNames.Projector + "linear_1", (textHidden, hidden));
        shapes.Add(ModuleNames.Projector + "linear_2", (textHidden, textHidden));
    }
}
