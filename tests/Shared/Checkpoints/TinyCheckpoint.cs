using System.Text.Json.Nodes;

namespace Dray.Tests.Checkpoints;

/// <summary>A small checkpoint in a temporary folder, complete and valid until a test changes its configuration or tensors.</summary>
internal sealed class TinyCheckpoint : IDisposable
{
    private readonly Random _random = new(7);

    private TinyCheckpoint(JsonObject config)
    {
        Config = config;
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"dray-checkpoint-{Guid.NewGuid():N}");

    public JsonObject Config { get; }

    public Dictionary<string, SafetensorsEntry> Tensors { get; } = [];

    /// <summary>Hidden 64, one layer if not said otherwise, 2 heads of 32, 1 KV head, inner width 96, 40 tokens; bf16, named as in models of text.</summary>
    public static TinyCheckpoint Text(string architecture = "MistralForCausalLM", string prefix = "model.", string head = "lm_head", int layers = 1)
    {
        var tiny = new TinyCheckpoint(new JsonObject
        {
            ["architectures"] = new JsonArray(architecture),
            ["hidden_act"] = "silu",
            ["hidden_size"] = 64,
            ["intermediate_size"] = 96,
            ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = 2,
            ["num_key_value_heads"] = 1,
            ["head_dim"] = 32,
            ["vocab_size"] = 40,
            ["max_position_embeddings"] = 2048,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 1e6,
            ["sliding_window"] = null,
            ["tie_word_embeddings"] = false,
            ["bos_token_id"] = 1,
            ["eos_token_id"] = new JsonArray(2, 3),
        });
        tiny.AddDecoder(prefix, head, layers);
        return tiny;
    }

    /// <summary>The same decoder and a vision encoder: hidden 16, one layer, 2 heads, inner width 24, patches of 4, merged 2 × 2.</summary>
    public static TinyCheckpoint Multimodal()
    {
        using var text = Text(prefix: "language_model.model.", head: "language_model.lm_head");
        var decoder = text.Config.DeepClone().AsObject();
        decoder.Remove("architectures");
        var tiny = new TinyCheckpoint(new JsonObject
        {
            ["architectures"] = new JsonArray("Mistral3ForConditionalGeneration"),
            ["image_token_index"] = 10,
            ["multimodal_projector_bias"] = false,
            ["projector_hidden_act"] = "gelu",
            ["spatial_merge_size"] = 2,
            ["vision_feature_layer"] = -1,
            ["text_config"] = decoder,
            ["vision_config"] = new JsonObject
            {
                ["model_type"] = "pixtral",
                ["hidden_act"] = "silu",
                ["hidden_size"] = 16,
                ["head_dim"] = 8,
                ["image_size"] = 64,
                ["intermediate_size"] = 24,
                ["num_attention_heads"] = 2,
                ["num_channels"] = 3,
                ["num_hidden_layers"] = 1,
                ["patch_size"] = 4,
                ["rope_theta"] = 10000.0,
            },
        });
        foreach (var (name, entry) in text.Tensors)
            tiny.Tensors.Add(name, entry);
        tiny.AddVision();
        return tiny;
    }

    /// <summary>Adds or replaces a tensor with small random bf16 values.</summary>
    public void AddDense(string name, params long[] shape)
    {
        var bytes = new byte[shape.Aggregate(2L, (product, size) => product * size)];
        for (var i = 0; i < bytes.Length; i += 2)
        {
            var bits = BitConverter.SingleToUInt32Bits(_random.NextSingle() - 0.5f);
            BitConverter.TryWriteBytes(bytes.AsSpan(i), (ushort)(bits >> 16));
        }

        Tensors[name] = SafetensorsEntry.Of(name, "BF16", shape, bytes);
    }

    /// <summary>Replaces a layer's dense weight by packed tensors.</summary>
    public void Pack(string module, IEnumerable<SafetensorsEntry> entries)
    {
        Tensors.Remove(module + ".weight");
        foreach (var entry in entries)
            Tensors[entry.Name] = entry;
    }

    /// <summary>Renames every tensor.</summary>
    public void Rename(Func<string, string> rename)
    {
        var renamed = Tensors.Values.Select(entry => entry with { Name = rename(entry.Name) }).ToList();
        Tensors.Clear();
        foreach (var entry in renamed)
            Tensors.Add(entry.Name, entry);
    }

    /// <summary>Writes config.json and model.safetensors and gives the folder.</summary>
    public string Write()
    {
        WriteConfig();
        SafetensorsWriter.Write(Path.Combine(Folder, "model.safetensors"), [.. Tensors.Values]);
        return Folder;
    }

    /// <summary>Writes config.json and gives the folder.</summary>
    public string WriteConfig()
    {
        File.WriteAllText(Path.Combine(Folder, "config.json"), Config.ToJsonString());
        return Folder;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void AddDecoder(string prefix, string head, int layers)
    {
        AddDense(prefix + "embed_tokens.weight", 40, 64);
        for (var layer = 0; layer < layers; layer++) AddLayer($"{prefix}layers.{layer}.");
        AddDense(prefix + "norm.weight", 64);
        AddDense(head + ".weight", 40, 64);
    }

    private void AddLayer(string prefix)
    {
        AddDense(prefix + "input_layernorm.weight", 64);
        AddDense(prefix + "self_attn.q_proj.weight", 64, 64);
        AddDense(prefix + "self_attn.k_proj.weight", 32, 64);
        AddDense(prefix + "self_attn.v_proj.weight", 32, 64);
        AddDense(prefix + "self_attn.o_proj.weight", 64, 64);
        AddDense(prefix + "post_attention_layernorm.weight", 64);
        AddDense(prefix + "mlp.gate_proj.weight", 96, 64);
        AddDense(prefix + "mlp.up_proj.weight", 96, 64);
        AddDense(prefix + "mlp.down_proj.weight", 64, 96);
    }

    private void AddVision()
    {
        AddDense("vision_tower.patch_conv.weight", 16, 3, 4, 4);
        AddDense("vision_tower.ln_pre.weight", 16);
        const string Layer = "vision_tower.transformer.layers.0.";
        foreach (var name in (ReadOnlySpan<string>)["q_proj", "k_proj", "v_proj", "o_proj"])
            AddDense($"{Layer}attention.{name}.weight", 16, 16);
        AddDense(Layer + "attention_norm.weight", 16);
        AddDense(Layer + "feed_forward.gate_proj.weight", 24, 16);
        AddDense(Layer + "feed_forward.up_proj.weight", 24, 16);
        AddDense(Layer + "feed_forward.down_proj.weight", 16, 24);
        AddDense(Layer + "ffn_norm.weight", 16);
        AddDense("multi_modal_projector.norm.weight", 16);
        AddDense("multi_modal_projector.patch_merger.merging_layer.weight", 16, 64);
        AddDense("multi_modal_projector.linear_1.weight", 64, 16);
        AddDense("multi_modal_projector.linear_2.weight", 64, 64);
    }
}
