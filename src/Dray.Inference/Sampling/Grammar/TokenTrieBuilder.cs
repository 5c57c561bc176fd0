namespace Dray.Inference.Sampling.Grammar;

/// <summary>Lays sorted byte sequences out as the arrays of a <see cref="TokenTrie"/>.</summary>
internal sealed class TokenTrieBuilder(ReadOnlyMemory<byte>[] bytes, int[] order)
{
    private readonly List<byte> _labels = [];
    private readonly List<ushort> _depths = [];
    private readonly List<int> _tokens = [];
    private readonly List<int> _firstTokens = [];

    public (byte[] Labels, ushort[] Depths, int[] Tokens, int[] SubtreeEnds, int[] FirstTokens) Build()
    {
        ReadOnlySpan<byte> previous = [];
        for (var i = 0; i < order.Length; i++)
        {
            var current = bytes[order[i]].Span;
            for (var depth = previous.CommonPrefixLength(current); depth < current.Length; depth++)
            {
                _labels.Add(current[depth]);
                _depths.Add((ushort)(depth + 1));
                _tokens.Add(-1);
                _firstTokens.Add(i);
            }

            _tokens[^1] = order[i];
            previous = current;
        }

        return ([.. _labels], [.. _depths], [.. _tokens], SubtreeEnds(), [.. _firstTokens]);
    }

    /// <summary>A node's subtree ends at the next node that isn't deeper.</summary>
    private int[] SubtreeEnds()
    {
        var ends = new int[_labels.Count];
        var open = new Stack<int>();
        for (var node = 0; node < ends.Length; node++)
        {
            while (open.TryPeek(out var top) && _depths[top] >= _depths[node]) ends[open.Pop()] = node;
            open.Push(node);
        }

        foreach (var node in open) ends[node] = ends.Length;
        return ends;
    }
}
