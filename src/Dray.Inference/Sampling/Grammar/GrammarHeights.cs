namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// How deep rules must nest from each state on. It keeps runs out of states from which the end can't be reached, be it at all or within
/// the nesting that is left, so that a run never gets stuck.
/// </summary>
internal static class GrammarHeights
{
    /// <summary>The height of a state from which its rule's end can't be reached.</summary>
    public const int Never = int.MaxValue;

    public static int[] Compute(GrammarAutomaton automaton)
    {
        var heights = new int[automaton.States];
        heights.AsSpan().Fill(Never);
        var (predecessors, ends) = Predecessors(automaton);
        var work = new Stack<int>();
        for (var state = 0; state < heights.Length; state++)
        {
            foreach (var edge in automaton.Edges(state))
            {
                if (edge.Kind is not (GrammarEdgeKind.Return or GrammarEdgeKind.Exit)) continue;
                heights[state] = 0;
                work.Push(state);
                break;
            }
        }

        while (work.TryPop(out var changed))
        {
            var first = changed == 0 ? 0 : ends[changed - 1];
            foreach (var state in predecessors.AsSpan(first, ends[changed] - first))
            {
                var height = HeightOf(automaton.Edges(state), heights);
                if (height >= heights[state]) continue;
                heights[state] = height;
                work.Push(state);
            }
        }

        return heights;
    }

    private static int HeightOf(ReadOnlySpan<GrammarEdge> edges, int[] heights)
    {
        var least = Never;
        foreach (var edge in edges) least = Math.Min(least, HeightOf(edge, heights));
        return least;
    }

    private static int HeightOf(GrammarEdge edge, int[] heights)
    {
        switch (edge.Kind)
        {
            case GrammarEdgeKind.Return or GrammarEdgeKind.Exit:
                return 0;
            case GrammarEdgeKind.Call:
                var rule = heights[edge.Target];
                return rule == Never ? Never : Math.Max(rule + 1, heights[edge.Continuation]);
            case GrammarEdgeKind.Count:
                return Math.Max(heights[edge.Target], heights[edge.Continuation]);
            default:
                return heights[edge.Target];
        }
    }

    private static (int[] Predecessors, int[] Ends) Predecessors(GrammarAutomaton automaton)
    {
        var counts = new int[automaton.States];
        ForEach(automaton, (_, to) => counts[to]++);
        for (var i = 1; i < counts.Length; i++) counts[i] += counts[i - 1];
        var ends = counts.ToArray();
        var predecessors = new int[ends.Length == 0 ? 0 : ends[^1]];
        ForEach(automaton, (from, to) => predecessors[--counts[to]] = from);
        return (predecessors, ends);
    }

    private static void ForEach(GrammarAutomaton automaton, Action<int, int> visit)
    {
        for (var state = 0; state < automaton.States; state++)
        {
            foreach (var edge in automaton.Edges(state))
            {
                if (edge.Kind is GrammarEdgeKind.Return or GrammarEdgeKind.Exit) continue;
                visit(state, edge.Target);
                if (edge.Kind is GrammarEdgeKind.Call or GrammarEdgeKind.Count) visit(state, edge.Continuation);
            }
        }
    }
}
