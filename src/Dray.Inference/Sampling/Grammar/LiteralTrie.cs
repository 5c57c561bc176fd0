namespace Dray.Inference.Sampling.Grammar;

/// <summary>Writes a choice between texts into a grammar, common beginnings once.</summary>
internal static class LiteralTrie
{
    public static void Write(GrammarBuilder builder, int from, IEnumerable<byte[]> texts, int to)
    {
        var children = new Dictionary<(int State, byte Value), int>();
        var ended = new HashSet<int>();
        foreach (var text in texts)
        {
            var state = from;
            foreach (var value in text)
            {
                if (!children.TryGetValue((state, value), out var child))
                {
                    child = builder.State();
                    builder.Bytes(state, value, value, child);
                    children.Add((state, value), child);
                }

                state = child;
            }

            if (ended.Add(state)) builder.Empty(state, to);
        }
    }
}
