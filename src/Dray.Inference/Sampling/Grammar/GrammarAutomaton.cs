namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// A pushdown automaton over bytes and special tokens: states with edges, where rules (nesting, recursion) and counted loops put frames
/// on a stack. It may be ambiguous; <see cref="CompiledGrammar"/> follows all its runs at once.
/// </summary>
internal sealed class GrammarAutomaton
{
    private readonly GrammarEdge[] _edges;
    private readonly int[] _ends;
    private readonly int[] _heights;
    private readonly FreeText[] _freeText;

    public GrammarAutomaton(GrammarEdge[] edges, int[] ends, int start, FreeText[] freeText)
    {
        (_edges, _ends, Start, _freeText) = (edges, ends, start, freeText);
        _heights = GrammarHeights.Compute(this);
    }

    /// <summary>Gets the number of states.</summary>
    public int States => _ends.Length;

    /// <summary>Gets the state to start in.</summary>
    public int Start { get; }

    /// <summary>The edges that leave a state.</summary>
    public ReadOnlySpan<GrammarEdge> Edges(int state)
    {
        var first = state == 0 ? 0 : _ends[state - 1];
        return _edges.AsSpan(first, _ends[state] - first);
    }

    /// <summary>
    /// The least number of rules that must nest on the way from a state to the end of its rule;
    /// <see cref="GrammarHeights.Never"/> where there is no such way.
    /// </summary>
    public int Height(int state) => _heights[state];

    /// <summary>Whether any text that holds no quote, backslash or control character may follow in a state.</summary>
    public FreeText FreeText(int state) => _freeText[state];
}
