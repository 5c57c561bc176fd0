using Dray.Inference.Tokenization;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Makes chat prompts of an exact number of tokens, each by its seed: a user message of common words in random order, so that no two prompts
/// have a beginning in common beyond the chat format. Safe for use by several threads.
/// </summary>
public sealed class SyntheticPrompts
{
    private static readonly string[] Candidates =
    [
        " the", " of", " and", " to", " in", " is", " for", " on", " that", " with", " as", " at", " by", " from", " it", " this", " an", " are", " was", " be",
        " time", " day", " year", " water", " house", " city", " name", " number", " point", " work", " part", " line", " side", " end", " state", " page",
    ];

    private readonly ChatEncoder _encoder;
    private readonly string[] _words;
    private readonly int _frame;

    /// <summary>Prompts for a model.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="tokens">Tokens of a prompt, chat format included.</param>
    /// <exception cref="ArgumentException">The chat format alone takes <paramref name="tokens"/>, or the tokenizer knows no common word.</exception>
    public SyntheticPrompts(TekkenTokenizer tokenizer, int tokens)
    {
        Tokens = tokens;
        _encoder = new ChatEncoder(tokenizer);
        // A word behind a space is a piece of its own for the tokenizer, so where each is one token, a text has as many tokens as words.
        _words = [.. Candidates.Where(word => tokenizer.Encode(word).Length == 1)];
        if (_words.Length < 4) throw new ArgumentException("The tokenizer has too few common English words as tokens to make synthetic prompts of.");
        _frame = Count(Chat(_words[0])) - 1;
        if (tokens <= _frame)
            throw new ArgumentException($"A prompt takes {_frame} tokens for the chat format alone, but is to have {tokens}; give at least {_frame + 1}.");
    }

    /// <summary>Gets the tokens of each prompt.</summary>
    public int Tokens { get; }

    /// <summary>The prompt of a seed.</summary>
    public ChatRequest Create(int seed)
    {
        var random = new Random(seed);
        return Chat(string.Concat(Enumerable.Range(0, Tokens - _frame).Select(_ => _words[random.Next(_words.Length)])));
    }

    private static ChatRequest Chat(string text) => new() { Messages = [new ChatMessage { Role = ChatRole.User, Content = [new TextPart(text)] }] };

    private int Count(ChatRequest request) => _encoder.Encode(request, []).Ids.Length;
}
