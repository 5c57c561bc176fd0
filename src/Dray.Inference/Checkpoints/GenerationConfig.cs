namespace Dray.Inference.Checkpoints;

/// <summary>What generation_config.json recommends. Null or empty where it says nothing.</summary>
public sealed record GenerationConfig
{
    /// <summary>Gets the ids that start a text.</summary>
    public IReadOnlyList<int> BosTokenIds { get; init; } = [];

    /// <summary>Gets the ids that end an answer.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Gets the sampling temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Gets the probability mass that nucleus sampling keeps.</summary>
    public double? TopP { get; init; }

    /// <summary>Gets how many of the best tokens sampling keeps.</summary>
    public int? TopK { get; init; }

    /// <summary>Gets whether to sample; false means greedy decoding.</summary>
    public bool? DoSample { get; init; }

    /// <summary>Reads the section, falling back to what config.json said about token ids.</summary>
    internal static GenerationConfig Read(ConfigSection section, GenerationConfig fallback) => new()
    {
        BosTokenIds = section.Has("bos_token_id") ? section.Integers("bos_token_id") : fallback.BosTokenIds,
        EosTokenIds = section.Has("eos_token_id") ? section.Integers("eos_token_id") : fallback.EosTokenIds,
        Temperature = section.Has("temperature") ? section.Number("temperature", 0, 100) : null,
        TopP = section.Has("top_p") ? section.Number("top_p", 0, 1) : null,
        TopK = section.Has("top_k") ? section.Integer("top_k", -1, int.MaxValue) : null,
        DoSample = section.Has("do_sample") ? section.Flag("do_sample", false) : null,
    };
}
