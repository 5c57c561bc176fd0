namespace Dray.Inference.Sampling.Grammar;

/// <summary>Finds rules that come back to themselves before anything is written: a run through them would never stop.</summary>
internal static class LeftRecursion
{
    public static bool Exists(GrammarAutomaton automaton)
    {
        // 0: not seen, 1: on the way, 2: done.
        var progress = new byte[automaton.States];
        for (var state = 0; state < progress.Length; state++)
        {
            if (progress[state] == 0 && Closes(automaton, state, progress)) return true;
        }

        return false;
    }

    private static bool Closes(GrammarAutomaton automaton, int start, byte[] progress)
    {
        var path = new Stack<(int State, int Edge)>([(start, 0)]);
        progress[start] = 1;
        while (path.TryPop(out var current))
        {
            var edges = automaton.Edges(current.State);
            var edge = current.Edge;
            while (edge < edges.Length && edges[edge].Kind is not (GrammarEdgeKind.Empty or GrammarEdgeKind.Call)) edge++;
            if (edge == edges.Length)
            {
                progress[current.State] = 2;
                continue;
            }

            path.Push((current.State, edge + 1));
            var target = edges[edge].Target;
            if (progress[target] == 1 && HasCall(automaton, path, target)) return true;
            if (progress[target] != 0) continue;
            progress[target] = 1;
            path.Push((target, 0));
        }

        return false;
    }

    /// <summary>A circle without a call is a loop of a pattern, which is harmless.</summary>
    private static bool HasCall(GrammarAutomaton automaton, Stack<(int State, int Edge)> path, int target)
    {
        foreach (var (state, edge) in path)
        {
            if (automaton.Edges(state)[edge - 1].Kind == GrammarEdgeKind.Call) return true;
            if (state == target) return false;
        }

        return false;
    }
}
