using Dray.Contracts;
using Dray.Inference;

namespace Dray.Worker.Http;

/// <summary>Collects the tokens of a completion's text, in OpenAI's lists.</summary>
internal sealed class TextTokens
{
    private readonly List<string> _tokens = [];
    private readonly List<float?> _logprobs = [];
    private readonly List<IReadOnlyDictionary<string, float>?> _top = [];
    private readonly List<int> _offsets = [];
    private int _offset;

    /// <summary>Adds a prompt's first token, which has no probability.</summary>
    /// <param name="token">The token.</param>
    /// <param name="isInText">Whether the text begins with it, rather than it being put in front of the text.</param>
    public void AddStart(TokenProbability token, bool isInText)
    {
        Add(token, null, null);
        if (!isInText) _offset = 0;
    }

    /// <summary>Adds tokens.</summary>
    public void Add(IEnumerable<TokenProbability> tokens)
    {
        foreach (var token in tokens)
        {
            // Tokens of broken characters share a text: the most probable one stands for it.
            var top = new Dictionary<string, float>(StringComparer.Ordinal);
            foreach (var other in token.Top) top.TryAdd(other.Text, other.LogProb);
            top.TryAdd(token.Text, token.LogProb);
            Add(token, token.LogProb, top);
        }
    }

    /// <summary>What was added since the last time.</summary>
    public TextLogprobs Take()
    {
        var taken = new TextLogprobs { Tokens = [.. _tokens], TokenLogprobs = [.. _logprobs], TopLogprobs = [.. _top], TextOffset = [.. _offsets] };
        _tokens.Clear();
        _logprobs.Clear();
        _top.Clear();
        _offsets.Clear();
        return taken;
    }

    private void Add(TokenProbability token, float? logprob, IReadOnlyDictionary<string, float>? top)
    {
        _tokens.Add(token.Text);
        _logprobs.Add(logprob);
        _top.Add(top);
        _offsets.Add(_offset);

        // A character begins with each byte that doesn't go on with one.
        foreach (var value in token.Bytes.Span) _offset += (value & 0xC0) == 0x80 ? 0 : 1;
    }
}
