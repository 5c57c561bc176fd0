using System.Text.Json;

namespace Dray.Inference.Checkpoints;

/// <summary>
/// config.json as transformers writes it. Up to version 4.5x <c>rope_theta</c> stands beside the other numbers; from version 5 on it is in
/// <c>rope_parameters</c>. A model of text alone has its numbers at the top level. Absent keys have transformers' defaults.
/// </summary>
internal static class TransformersConfigReader
{
    private const string Multimodal = "Mistral3ForConditionalGeneration";
    private const string Llama = "LlamaForCausalLM";

    public static ModelConfig Read(ConfigSection root)
    {
        var architectures = root.Texts("architectures");
        if (architectures is not [Multimodal or Llama or "MistralForCausalLM"])
            throw root.Refuse("architectures", $"one of {Multimodal}, MistralForCausalLM and {Llama}");

        var architecture = architectures[0];
        var isMultimodal = architecture == Multimodal;
        var text = isMultimodal ? root.Section("text_config") ?? throw root.Refuse("text_config", "an object") : root;
        var quantization = root.Section("quantization_config") ?? text.Section("quantization_config");
        return new ModelConfig
        {
            Architecture = architecture,
            Text = ReadText(text, root, architecture == Llama),
            Vision = isMultimodal ? ReadVision(root) : null,
            Quantization = quantization is { } section ? QuantizationConfigReader.Read(section) : null,
            Generation = new GenerationConfig
            {
                BosTokenIds = text.Has("bos_token_id") ? text.Integers("bos_token_id") : root.Integers("bos_token_id"),
                EosTokenIds = text.Has("eos_token_id") ? text.Integers("eos_token_id") : root.Integers("eos_token_id"),
            },
        };
    }

    private static TextConfig ReadText(ConfigSection text, ConfigSection root, bool isLlama)
    {
        text.Demand("model_type", isLlama ? "llama" : "mistral", isLlama ? "llama" : "mistral");
        text.Demand("hidden_act", "silu", "silu");
        text.Forbid("sliding_window", "Dray's attention sees the whole context");
        text.Forbid("attention_bias", "Dray's linear layers have no bias");
        text.Forbid("mlp_bias", "Dray's linear layers have no bias");
        if (text.TryGet("layer_types", out var types) &&
            (types.ValueKind != JsonValueKind.Array || types.EnumerateArray().Any(type => !IsText(type, "full_attention"))))
        {
            throw text.Refuse("layer_types", "'full_attention' for every layer");
        }

        var hidden = text.Integer("hidden_size", 1, ConfigLimits.Width);
        var heads = text.Integer("num_attention_heads", 1, ConfigLimits.Heads);
        var kvHeads = text.Integer("num_key_value_heads", 1, ConfigLimits.Heads, isLlama ? heads : 8);
        if (heads % kvHeads != 0)
            throw text.Refuse("num_key_value_heads", $"a divisor of the {heads} attention heads");
        return new TextConfig
        {
            HiddenSize = hidden,
            Layers = text.Integer("num_hidden_layers", 1, ConfigLimits.Layers),
            Heads = heads,
            KvHeads = kvHeads,
            HeadDim = ReadHeadDim(text, hidden, heads, 2),
            IntermediateSize = text.Integer("intermediate_size", 1, ConfigLimits.InnerWidth),
            VocabSize = text.Integer("vocab_size", 1, ConfigLimits.Vocabulary),
            RopeTheta = ReadRopeTheta(text, "default"),
            RmsNormEpsilon = (float)text.Number("rms_norm_eps", float.Epsilon, ConfigLimits.Epsilon, 1e-6),
            ContextLength = text.Integer("max_position_embeddings", 1, ConfigLimits.Context, isLlama ? 2048 : 131_072),
            TiedEmbeddings = text.Has("tie_word_embeddings")
                ? text.Flag("tie_word_embeddings", false)
                : root.Flag("tie_word_embeddings", false),
        };
    }

    private static VisionConfig ReadVision(ConfigSection root)
    {
        var vision = root.Section("vision_config") ?? throw root.Refuse("vision_config", "an object");
        vision.Demand("model_type", "pixtral", "pixtral");
        vision.Demand("hidden_act", "gelu", "silu");
        root.Demand("projector_hidden_act", "gelu", "gelu");
        root.Forbid("multimodal_projector_bias", "Dray's projector has no bias");
        if (root.TryGet("vision_feature_layer", out var layer) && !IsLast(layer))
            throw root.Refuse("vision_feature_layer", "-1, the encoder's last layer");

        var hidden = vision.Integer("hidden_size", 1, ConfigLimits.Width, 1024);
        var heads = vision.Integer("num_attention_heads", 1, ConfigLimits.Heads, 16);
        var headDim = ReadHeadDim(vision, hidden, heads, 4);
        if ((long)headDim * heads != hidden)
            throw vision.Refuse("head_dim", $"{hidden} hidden values divided by {heads} heads");
        var patch = vision.Integer("patch_size", 1, ConfigLimits.PatchSize, 16);
        var tokenKey = root.Has("image_token_index") ? "image_token_index" : "image_token_id";
        return new VisionConfig
        {
            HiddenSize = hidden,
            Layers = vision.Integer("num_hidden_layers", 1, ConfigLimits.Layers, 24),
            Heads = heads,
            HeadDim = headDim,
            IntermediateSize = vision.Integer("intermediate_size", 1, ConfigLimits.InnerWidth, 4096),
            PatchSize = patch,
            ImageSize = vision.Integer("image_size", patch, ConfigLimits.ImageSize, 1024),
            Channels = vision.Integer("num_channels", 3, 3, 3),
            RopeTheta = ReadRopeTheta(vision, "default", "axial"),
            MergeSize = root.Integer("spatial_merge_size", 1, ConfigLimits.MergeSize, 2),
            ImageTokenId = root.Integer(tokenKey, 0, ConfigLimits.Vocabulary, 10),
        };
    }

    private static int ReadHeadDim(ConfigSection section, int hidden, int heads, int multiple)
    {
        if (!section.Has("head_dim") && hidden % heads != 0)
            throw section.Refuse("hidden_size", $"a multiple of the {heads} attention heads, as head_dim is absent");
        var headDim = section.Integer("head_dim", 1, ConfigLimits.HeadDim, hidden / heads);
        if (headDim % multiple != 0 || headDim > ConfigLimits.HeadDim)
        {
            throw section.Refuse(
                "head_dim", $"a multiple of {multiple} up to {ConfigLimits.HeadDim} (the rotary embedding needs it), not {headDim}");
        }

        return headDim;
    }

    private static double ReadRopeTheta(ConfigSection section, params ReadOnlySpan<string> knownTypes)
    {
        if (section.Section("rope_scaling") is { } scaling) DemandPlain(scaling, knownTypes);
        if (section.Section("rope_parameters") is not { } rope)
            return section.Number("rope_theta", 1, ConfigLimits.RopeTheta, 10_000);

        DemandPlain(rope, knownTypes);
        return rope.Number("rope_theta", 1, ConfigLimits.RopeTheta, 10_000);
    }

    private static void DemandPlain(ConfigSection rope, ReadOnlySpan<string> knownTypes)
    {
        rope.Demand(rope.Has("rope_type") ? "rope_type" : "type", "default", knownTypes);
        if (rope.Number("partial_rotary_factor", 0, 1, 1) != 1)
            throw rope.Refuse("partial_rotary_factor", "1: Dray rotates whole heads");
    }

    private static bool IsLast(JsonElement layer) => layer.ValueKind switch
    {
        JsonValueKind.Number => layer.TryGetInt32(out var number) && number == -1,
        JsonValueKind.Array => layer.GetArrayLength() == 1 && IsLast(layer[0]),
        _ => false,
    };

    private static bool IsText(JsonElement element, string text) =>
        element.ValueKind == JsonValueKind.String && element.ValueEquals(text);
}
