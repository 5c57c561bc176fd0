namespace Dray.Inference.Sampling.Grammar;

/// <summary>Walks the token trie and a grammar together, to find the tokens that may follow in a state.</summary>
internal sealed class MaskWalker
{
    private readonly CompiledGrammar _grammar;
    private readonly TokenTrie _trie;
    private readonly GrammarState[] _path;
    private readonly List<int> _openNodes = [];

    public MaskWalker(CompiledGrammar grammar, TokenTrie trie)
    {
        (_grammar, _trie) = (grammar, trie);
        _path = new GrammarState[trie.LongestToken + 1];
    }

    /// <summary>The tokens that may follow.</summary>
    /// <param name="state">The state, whose stack may be cut.</param>
    /// <param name="openNodes">The nodes below which the part of the stack that was cut off decides; left out of the result.</param>
    public ulong[] Walk(GrammarState state, out int[] openNodes)
    {
        var mask = new ulong[TokenMask.Words(_trie.Vocabulary)];
        _openNodes.Clear();
        _path[0] = state;
        var characters = _grammar.FreeTextLength(state);
        if (characters > 0) _trie.Text.UpTo(characters).CopyTo(mask);
        Walk(0, _trie.Labels.Length, characters > 0, mask);
        _grammar.MarkSpecials(state, mask);
        openNodes = [.. _openNodes];
        return mask;
    }

    /// <summary>Adds what the lower stack decides to the tokens of a state whose stack was cut.</summary>
    public ulong[] Resolve(GrammarState state, ulong[] mask, int[] openNodes)
    {
        var resolved = (ulong[])mask.Clone();
        foreach (var node in openNodes)
        {
            var path = _trie.Path(node);
            var reached = state;
            foreach (var value in path) reached = _grammar.Next(reached, value);
            _path[path.Length] = reached;
            Walk(node + 1, _trie.SubtreeEnds[node], false, resolved);
        }

        return resolved;
    }

    private void Walk(int node, int end, bool skipsText, ulong[] mask)
    {
        while (node < end)
        {
            if (skipsText && _trie.Text.Covers(node))
            {
                node = _trie.SubtreeEnds[node];
                continue;
            }

            var depth = _trie.Depths[node];
            var state = _grammar.Next(_path[depth - 1], _trie.Labels[node]);
            if (state == GrammarState.Dead)
            {
                node = _trie.SubtreeEnds[node];
                continue;
            }

            _path[depth] = state;
            if (_trie.Tokens[node] is >= 0 and var token) TokenMask.Set(mask, token);
            if (state.IsOpen && _trie.SubtreeEnds[node] > node + 1)
            {
                _openNodes.Add(node);
                node = _trie.SubtreeEnds[node];
                continue;
            }

            node++;
        }
    }
}
