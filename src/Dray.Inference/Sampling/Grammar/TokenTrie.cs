using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// The vocabulary's byte sequences as a trie, in flat arrays: nodes in depth-first order, each with where its subtree ends, so that a
/// walk leaves out what follows a byte that can't stand. Special tokens aren't in it. Made once per tokenizer; immutable.
/// </summary>
internal sealed class TokenTrie
{
    private readonly ReadOnlyMemory<byte>[] _bytes;
    private readonly int[] _order;
    private readonly int[] _firstToken;

    public TokenTrie(TekkenTokenizer tokenizer)
    {
        Vocabulary = tokenizer.VocabularySize;
        LongestToken = tokenizer.LongestTokenBytes;
        _bytes = new ReadOnlyMemory<byte>[Vocabulary];
        for (var id = 0; id < Vocabulary; id++) _bytes[id] = tokenizer.TokenBytes(id);
        _order = [.. Enumerable.Range(0, Vocabulary).Where(id => !_bytes[id].IsEmpty)];
        Array.Sort(_order, (a, b) => _bytes[a].Span.SequenceCompareTo(_bytes[b].Span));

        var builder = new TokenTrieBuilder(_bytes, _order);
        (Labels, Depths, Tokens, SubtreeEnds, _firstToken) = builder.Build();
        Text = new FreeTextTokens(this);
    }

    /// <summary>Gets the number of token ids, special ones included.</summary>
    public int Vocabulary { get; }

    /// <summary>Gets the length of the longest token in bytes.</summary>
    public int LongestToken { get; }

    /// <summary>Gets each node's byte.</summary>
    public byte[] Labels { get; }

    /// <summary>Gets each node's distance from the root, 1 or more.</summary>
    public ushort[] Depths { get; }

    /// <summary>Gets the token that ends at each node, or −1.</summary>
    public int[] Tokens { get; }

    /// <summary>Gets the node after each node's subtree.</summary>
    public int[] SubtreeEnds { get; }

    /// <summary>Gets the tokens that may stand anywhere in a JSON string.</summary>
    public FreeTextTokens Text { get; }

    /// <summary>The bytes of a token; none for a special one.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => _bytes[id].Span;

    /// <summary>The bytes on the way from the root to a node.</summary>
    public ReadOnlySpan<byte> Path(int node) => _bytes[_order[_firstToken[node]]].Span[..Depths[node]];
}
