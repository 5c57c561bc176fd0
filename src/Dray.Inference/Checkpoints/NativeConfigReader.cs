namespace Dray.Inference.Checkpoints;

/// <summary>
/// params.json as Mistral publishes it, read where there is no config.json. The tensors have transformers' names all the same.
/// </summary>
internal static class NativeConfigReader
{
    private static readonly string[] Unsupported =
    [
        "moe", "yarn", "llama_4_scaling", "rope_scaling", "q_lora_rank", "lora", "sliding_window", "_sliding_window", "quantization",
    ];

    public static ModelConfig Read(ConfigSection root)
    {
        foreach (var key in Unsupported)
            root.Forbid(key, "Dray does not compute models that have it");

        var hidden = root.Integer("dim", 1, ConfigLimits.Width);
        var heads = root.Integer("n_heads", 1, ConfigLimits.Heads);
        var kvHeads = root.Integer("n_kv_heads", 1, ConfigLimits.Heads, heads);
        if (heads % kvHeads != 0)
            throw root.Refuse("n_kv_heads", $"a divisor of the {heads} heads");
        var headDim = root.Integer("head_dim", 2, ConfigLimits.HeadDim);
        if (headDim % 2 != 0)
            throw root.Refuse("head_dim", "an even number");
        var contextKey = root.Has("max_position_embeddings") ? "max_position_embeddings" : "max_seq_len";
        var vision = root.Section("vision_encoder");
        return new ModelConfig
        {
            Architecture = vision is null ? "MistralForCausalLM" : "Mistral3ForConditionalGeneration",
            Text = new TextConfig
            {
                HiddenSize = hidden,
                Layers = root.Integer("n_layers", 1, ConfigLimits.Layers),
                Heads = heads,
                KvHeads = kvHeads,
                HeadDim = headDim,
                IntermediateSize = root.Integer("hidden_dim", 1, ConfigLimits.InnerWidth),
                VocabSize = root.Integer("vocab_size", 1, ConfigLimits.Vocabulary),
                RopeTheta = root.Number("rope_theta", 1, ConfigLimits.RopeTheta, 10_000),
                RmsNormEpsilon = (float)root.Number("norm_eps", float.Epsilon, ConfigLimits.Epsilon),
                ContextLength = root.Integer(contextKey, 1, ConfigLimits.Context, 131_072),
                TiedEmbeddings = root.Flag("tied_embeddings", false),
            },
            Vision = vision is { } encoder ? ReadVision(encoder) : null,
            Generation = new GenerationConfig(),
        };
    }

    private static VisionConfig ReadVision(ConfigSection encoder)
    {
        encoder.Forbid("adapter_bias", "Dray's projector has no bias");
        encoder.Demand("mm_projector_id", null, "patch_merge");
        if (!encoder.Flag("add_pre_mm_projector_layer_norm", false))
            throw encoder.Refuse("add_pre_mm_projector_layer_norm", "true, as the Mistral3 projector has it");

        var hidden = encoder.Integer("hidden_size", 1, ConfigLimits.Width);
        var heads = encoder.Integer("num_attention_heads", 1, ConfigLimits.Heads);
        if (hidden % heads != 0 || hidden / heads % 4 != 0 || hidden / heads > ConfigLimits.HeadDim)
            throw encoder.Refuse("hidden_size", $"{heads} heads of a width that is a multiple of 4 up to {ConfigLimits.HeadDim}");
        var patch = encoder.Integer("patch_size", 1, ConfigLimits.PatchSize);
        return new VisionConfig
        {
            HiddenSize = hidden,
            Layers = encoder.Integer("num_hidden_layers", 1, ConfigLimits.Layers),
            Heads = heads,
            HeadDim = hidden / heads,
            IntermediateSize = encoder.Integer("intermediate_size", 1, ConfigLimits.InnerWidth),
            PatchSize = patch,
            ImageSize = encoder.Integer(
                encoder.Has("max_image_size") ? "max_image_size" : "image_size", patch, ConfigLimits.ImageSize),
            Channels = encoder.Integer("num_channels", 3, 3, 3),
            RopeTheta = encoder.Number("rope_theta", 1, ConfigLimits.RopeTheta, 10_000),
            MergeSize = encoder.Integer("spatial_merge_size", 1, ConfigLimits.MergeSize),
            ImageTokenId = encoder.Integer("image_token_id", 0, ConfigLimits.Vocabulary, 10),
            ImageBreakTokenId = encoder.Integer("image_break_token_id", 0, ConfigLimits.Vocabulary, 12),
            ImageEndTokenId = encoder.Integer("image_end_token_id", 0, ConfigLimits.Vocabulary, 13),
        };
    }
}
