using System.Text.Json;

namespace Dray.Inference.Sampling;

/// <summary>How tokens are chosen and when to stop. Names and meanings are vLLM's.</summary>
public sealed record SamplingParams
{
    /// <summary>The most answers to one request.</summary>
    public const int MaxN = 16;

    /// <summary>The most alternatives listed per token.</summary>
    public const int MaxLogProbs = 20;

    /// <summary>The most stop strings, and the most stop token ids.</summary>
    public const int MaxStops = 16;

    /// <summary>The longest stop string, in UTF-16 units.</summary>
    public const int MaxStopLength = 1024;

    /// <summary>The most tokens with a bias.</summary>
    public const int MaxBiases = 1024;

    /// <summary>
    /// Gets the softmax temperature, in [0, 2]; below 1e-5 the most probable token is taken. <value>The default value is 1.</value>
    /// </summary>
    public float Temperature { get; init; } = 1f;

    /// <summary>Gets the probability mass kept, in (0, 1]. <value>The default value is 1, which keeps all.</value></summary>
    public float TopP { get; init; } = 1f;

    /// <summary>Gets the number of most probable tokens kept. <value>The default value is 0, which keeps all.</value></summary>
    public int TopK { get; init; }

    /// <summary>
    /// Gets the least probability kept, as a share of the greatest, in [0, 1]. <value>The default value is 0, which keeps all.</value>
    /// </summary>
    public float MinP { get; init; }

    /// <summary>
    /// Gets what divides the positive and multiplies the negative logits of tokens that stand in prompt or answer; greater than 0.
    /// <value>The default value is 1, which changes nothing.</value>
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1f;

    /// <summary>
    /// Gets what is taken off the logits of tokens that stand in the answer, in [−2, 2]. <value>The default value is 0.</value>
    /// </summary>
    public float PresencePenalty { get; init; }

    /// <summary>
    /// Gets what is taken off a token's logit for each time it stands in the answer, in [−2, 2]. <value>The default value is 0.</value>
    /// </summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Gets what is added to single tokens' logits, in [−100, 100], by token id.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Gets the seed of the request's own generator, or null for one derived from the request's text.</summary>
    public long? Seed { get; init; }

    /// <summary>Gets the most tokens to generate, or null for as many as the context has room for.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Gets the tokens to generate before anything can end the answer. <value>The default value is 0.</value></summary>
    public int MinTokens { get; init; }

    /// <summary>Gets the strings that end generation; they aren't part of the answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Gets the token ids that end generation, besides the end-of-sequence token.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>Gets the number of answers. <value>The default value is 1.</value></summary>
    public int N { get; init; } = 1;

    /// <summary>Gets whether generation goes on past the end-of-sequence token. <value>The default value is false.</value></summary>
    public bool IgnoreEos { get; init; }

    /// <summary>
    /// Gets how many alternatives to list with each token's log-probability, in [0, 20], or null for no log-probabilities. They are those of
    /// the model's own logits, before bias, penalties and temperature. <value>The default value is null.</value>
    /// </summary>
    public int? LogProbs { get; init; }

    /// <summary>Gets the number of most probable tokens to return beside each token of the prompt, 0 for the prompt's own only, or null for none of it.</summary>
    public int? PromptLogProbs { get; init; }

    /// <summary>Gets whether the most probable token is taken, without chance.</summary>
    public bool IsGreedy => Temperature < Sampler.GreedyBelow;

    /// <summary>Gets whether bias or penalties change the logits.</summary>
    internal bool HasPenalties => RepetitionPenalty != 1f || PresencePenalty != 0f || FrequencyPenalty != 0f;

    /// <summary>Reads the sampling fields of a chat-completion or completion body over <paramref name="defaults"/>; null means absent.</summary>
    /// <param name="body">The body.</param>
    /// <param name="defaults">What holds where the body says nothing.</param>
    /// <param name="leastTokens">The least that <c>max_tokens</c> may be; 0 where a prompt alone can be asked about.</param>
    /// <exception cref="RequestRejectedException">A value is out of range or of the wrong kind; the message names it.</exception>
    public static SamplingParams Parse(JsonElement body, SamplingParams defaults, int leastTokens = 1) => SamplingParamsReader.Read(body, defaults, leastTokens);

    /// <summary>Checks the token ids that the request names, which needs to know the model.</summary>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <exception cref="RequestRejectedException">A bias or a stop token has an id that the model doesn't have.</exception>
    public void RequireVocabulary(int vocabulary)
    {
        foreach (var id in LogitBias.Keys) Require(id, "logit_bias");
        foreach (var id in StopTokenIds) Require(id, "stop_token_ids");

        void Require(int id, string param)
        {
            if ((uint)id < (uint)vocabulary) return;
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest, $"'{param}' names token {id}, but the model's tokens are 0 to {vocabulary - 1}.", param);
        }
    }
}
