namespace Dray.Quantization.Evaluation;

/// <summary>Non-overlapping chunks of a text, in order, each to be run by itself from position 0; a shorter tail is left out.</summary>
public sealed class TextChunks
{
    /// <summary>Chunks are run together up to so many tokens, so that threads seldom wait for each other; longer passes are hardly faster and take memory.</summary>
    private const int TokensPerPass = 2048;

    private readonly int[] _ids;

    /// <summary>Divides a text.</summary>
    /// <param name="ids">The whole text's tokens, without BOS.</param>
    /// <param name="context">Tokens per chunk, at least 4.</param>
    /// <param name="most">The most chunks, or null for all.</param>
    /// <param name="bos">For a tokenizer that adds one: overwrites the first token of each chunk, as llama.cpp does; or null.</param>
    /// <exception cref="ArgumentException">The text is shorter than one chunk, or a number is out of range; the message names it.</exception>
    public TextChunks(ReadOnlySpan<int> ids, int context, int? most = null, int? bos = null)
    {
        if (context < 4) throw new ArgumentException($"A chunk is to have {context} tokens, but needs at least 4; give a greater --ctx.");
        if (most < 1) throw new ArgumentException($"The most chunks are {most}, but there must be at least 1.");
        (Context, Count) = (context, Math.Min(ids.Length / context, most ?? int.MaxValue));
        if (Count < 1) throw new ArgumentException($"The text has {ids.Length} tokens, fewer than one chunk of {context}; give a longer text or a smaller --ctx.");
        _ids = ids[..(Count * context)].ToArray();
        for (var chunk = 0; bos is { } id && chunk < Count; chunk++) _ids[chunk * context] = id;
    }

    /// <summary>Gets the tokens per chunk.</summary>
    public int Context { get; }

    /// <summary>Gets the number of chunks.</summary>
    public int Count { get; }

    /// <summary>Gets the first position of a chunk's second half, which is what llama.cpp scores.</summary>
    public int SecondHalf => Context / 2;

    /// <summary>Gets how many chunks are run together at most.</summary>
    public int PerPass => Math.Max(TokensPerPass / Context, 1);

    /// <summary>The tokens of <paramref name="count"/> chunks from <paramref name="first"/>.</summary>
    public ReadOnlySpan<int> Of(int first, int count = 1) => _ids.AsSpan(first * Context, count * Context);

    /// <summary>The token after a position of a chunk, or null after its last.</summary>
    public int? Next(int chunk, int position) => position + 1 < Context ? _ids[(chunk * Context) + position + 1] : null;

    /// <summary>Checks that models can run chunks of this length.</summary>
    /// <exception cref="ArgumentException">One can't.</exception>
    internal void RequireContext(int context)
    {
        if (Context > context) throw new ArgumentException($"A chunk has {Context} tokens, but the model's context only {context}; give a smaller --ctx.");
    }
}
