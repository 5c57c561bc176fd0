using System.Text.Json;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Execution;

/// <summary>Turns generated ids into what a caller reads: text, tool calls, probabilities.</summary>
internal sealed class AnswerReader(TekkenTokenizer tokenizer)
{
    private readonly ToolCallParser _parser = new(tokenizer);
    private readonly int _toolCalls = tokenizer.Special("[TOOL_CALLS]");

    /// <summary>Reads an answer. A call without a name, or whose arguments are no JSON object, comes back as text.</summary>
    /// <param name="ids">The generated ids.</param>
    /// <param name="finished">Why generation ended.</param>
    /// <param name="random">Makes ids for calls without one.</param>
    public GenerationChoice Read(ReadOnlySpan<int> ids, FinishReason finished, Random random)
    {
        var end = ids.IndexOf(tokenizer.Eos);
        if (end >= 0) ids = ids[..end];
        var first = ids.IndexOf(_toolCalls);
        if (first < 0) return new GenerationChoice(tokenizer.Decode(ids), [], finished);

        var (content, calls, malformed) = (tokenizer.Decode(ids[..first]), new List<ToolCall>(), false);
        for (var rest = ids[first..]; rest.Length > 0;)
        {
            var next = rest[1..].IndexOf(_toolCalls) + 1;
            var segment = next == 0 ? rest : rest[..next];
            var parsed = _parser.Parse(segment, random);
            if (parsed.CallsTools && parsed.ToolCalls.All(IsWellFormed))
            {
                calls.AddRange(parsed.ToolCalls);
            }
            else
            {
                content += tokenizer.Decode(segment, SpecialTokenPolicy.Keep);
                malformed = true;
            }

            rest = rest[segment.Length..];
        }

        var reason = calls.Count > 0 && finished == FinishReason.Stop ? FinishReason.ToolCalls : finished;
        return new GenerationChoice(content.Length == 0 ? null : content, calls, reason) { HasMalformedToolCalls = malformed };
    }

    /// <summary>A sampled token with its text and alternatives.</summary>
    public TokenProbability Describe(SampledToken token) =>
        Describe(token.Id, token.LogProb, [.. token.Top.Select(other => Describe(other.Id, other.LogProb, []))]);

    private TokenProbability Describe(int id, float logProb, IReadOnlyList<TokenProbability> top) => tokenizer.IsSpecial(id)
        ? new TokenProbability(id, tokenizer.SpecialName(id), System.Text.Encoding.UTF8.GetBytes(tokenizer.SpecialName(id)), logProb, top)
        : new TokenProbability(id, tokenizer.Decode([id]), tokenizer.TokenBytes(id), logProb, top);

    private static bool IsWellFormed(ToolCall call)
    {
        try
        {
            using var document = JsonDocument.Parse(call.Arguments);
            return call.Name.Length > 0 && document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
