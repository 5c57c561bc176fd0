using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>What grammars need to know of a model's tokens. Immutable.</summary>
internal sealed class GrammarVocabulary
{
    private readonly Lazy<TokenTrie> _trie;

    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="endTokens">The model's end-of-sequence tokens.</param>
    public GrammarVocabulary(TekkenTokenizer tokenizer, ReadOnlySpan<int> endTokens)
    {
        Tokenizer = tokenizer;
        EndTokens = endTokens.ToArray();
        // Sorting the vocabulary takes a while, and an engine without structured output never needs it.
        _trie = new Lazy<TokenTrie>(() => new TokenTrie(tokenizer));
    }

    public TekkenTokenizer Tokenizer { get; }

    /// <summary>Gets the tokens that end an answer.</summary>
    public int[] EndTokens { get; }

    public TokenTrie Trie => _trie.Value;

    public bool IsEnd(int id) => Array.IndexOf(EndTokens, id) >= 0;
}
