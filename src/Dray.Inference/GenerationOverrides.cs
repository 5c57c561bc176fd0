using System.ComponentModel.DataAnnotations;
using Dray.Inference.Checkpoints;
using Dray.Inference.Sampling;

namespace Dray.Inference;

/// <summary>
/// Sampling that an operator sets where a request says nothing: vLLM's <c>override_generation_config</c>. Null leaves the checkpoint's.
/// </summary>
public sealed record GenerationOverrides
{
    /// <summary>Gets the softmax temperature.</summary>
    [Range(0.0, 2.0)]
    public double? Temperature { get; init; }

    /// <summary>Gets the probability mass kept.</summary>
    [Range(1e-6, 1.0)]
    public double? TopP { get; init; }

    /// <summary>Gets the number of most probable tokens kept; 0 and -1 keep all.</summary>
    [Range(-1, int.MaxValue)]
    public int? TopK { get; init; }

    /// <summary>Gets the least probability kept, as a share of the greatest.</summary>
    [Range(0.0, 1.0)]
    public double? MinP { get; init; }

    /// <summary>Gets what repeated tokens' logits are divided by.</summary>
    [Range(0.01, 100.0)]
    public double? RepetitionPenalty { get; init; }

    /// <summary>Gets the most tokens of any answer, whatever the request asks for.</summary>
    [Range(1, int.MaxValue)]
    public int? MaxNewTokens { get; init; }

    /// <summary>The sampling where a request says nothing: these values, then the checkpoint's, then the defaults.</summary>
    internal SamplingParams Over(GenerationConfig checkpoint)
    {
        var defaults = new SamplingParams();
        return defaults with
        {
            Temperature = (float?)Temperature ?? (checkpoint.DoSample == false ? 0f : (float)(checkpoint.Temperature ?? defaults.Temperature)),
            TopP = (float)(TopP ?? checkpoint.TopP ?? defaults.TopP),
            TopK = Math.Max(0, TopK ?? checkpoint.TopK ?? defaults.TopK),
            MinP = (float?)MinP ?? defaults.MinP,
            RepetitionPenalty = (float?)RepetitionPenalty ?? defaults.RepetitionPenalty,
            MaxTokens = MaxNewTokens,
        };
    }
}
