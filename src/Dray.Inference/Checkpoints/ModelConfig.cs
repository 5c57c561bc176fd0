namespace Dray.Inference.Checkpoints;

/// <summary>What a checkpoint's configuration says about the model, checked: every model it describes can be computed.</summary>
public sealed record ModelConfig
{
    /// <summary>Gets the architecture: Mistral3ForConditionalGeneration, MistralForCausalLM or LlamaForCausalLM.</summary>
    public required string Architecture { get; init; }

    /// <summary>Gets the decoder.</summary>
    public required TextConfig Text { get; init; }

    /// <summary>Gets the vision encoder and projector, or null for a model of text alone.</summary>
    public VisionConfig? Vision { get; init; }

    /// <summary>Gets how the weights are quantized, or null if they are not.</summary>
    public QuantizationConfig? Quantization { get; init; }

    /// <summary>Gets what the checkpoint recommends for generation; its members are null or empty where it says nothing.</summary>
    public required GenerationConfig Generation { get; init; }

    /// <summary>Reads config.json, or params.json where there is none, and generation_config.json where there is one.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <exception cref="CheckpointException">A file is missing or malformed, or asks for what Dray would compute wrongly.</exception>
    public static ModelConfig Load(string folder) => Load(folder, _ => { });

    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="hash">Receives the bytes of the files that were read.</param>
    internal static ModelConfig Load(string folder, Action<byte[]> hash)
    {
        var config = Path.Combine(folder, "config.json");
        var native = Path.Combine(folder, "params.json");
        ModelConfig model;
        if (File.Exists(config))
        {
            model = TransformersConfigReader.Read(ConfigSection.Load(config, out var bytes));
            hash(bytes);
        }
        else if (File.Exists(native))
        {
            model = NativeConfigReader.Read(ConfigSection.Load(native, out var bytes));
            hash(bytes);
        }
        else
        {
            throw new CheckpointException($"{folder}: there is neither a config.json nor a params.json, so this is no checkpoint folder.");
        }

        var generation = Path.Combine(folder, "generation_config.json");
        if (!File.Exists(generation)) return model;
        model = model with { Generation = GenerationConfig.Read(ConfigSection.Load(generation, out var more), model.Generation) };
        hash(more);
        return model;
    }
}
