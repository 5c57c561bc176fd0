namespace Dray.Inference.Sampling.Grammar;

/// <summary>A regular expression as an automaton over code points, which may be cut to texts of some lengths.</summary>
internal sealed class RegexAutomaton
{
    private const int MaxStates = 100_000;

    private readonly List<List<(CodePointSet? Set, int Target)>> _edges = [];
    private readonly string _field;
    private readonly int _start;
    private readonly int _end;

    /// <param name="node">The expression.</param>
    /// <param name="isWhole">Whether the whole text must match; otherwise it must hold a match, as JSON Schema's pattern.</param>
    /// <param name="field">The request's field that holds it, which errors name.</param>
    /// <exception cref="RequestRejectedException">It is too large, or has anchors elsewhere than at its ends.</exception>
    public RegexAutomaton(RegexNode node, bool isWhole, string field)
    {
        _field = field;
        (_start, _end) = (State(), State());
        WriteTop(node, isWhole);
    }

    /// <summary>Writes texts that match, and have a length in range, into a grammar.</summary>
    /// <param name="builder">The grammar.</param>
    /// <param name="from">The state before the text.</param>
    /// <param name="to">The state after it.</param>
    /// <param name="write">Writes one character.</param>
    /// <param name="least">The least length in code points.</param>
    /// <param name="most">The greatest length in code points; <see cref="int.MaxValue"/> is without end.</param>
    public void Write(
        GrammarBuilder builder, int from, int to, Action<GrammarBuilder, int, CodePointSet, int> write, int least = 0, int most = int.MaxValue)
    {
        // Lengths are counted as far as they matter: to the greatest, or else to the least.
        var counted = most == int.MaxValue ? least : most;
        var known = new Dictionary<(int State, int Length), int> { [(_start, 0)] = from };
        var work = new Stack<(int State, int Length)>([(_start, 0)]);
        while (work.TryPop(out var current))
        {
            var state = known[current];
            if (current.State == _end && current.Length >= least) builder.Empty(state, to);
            foreach (var (set, target) in _edges[current.State])
            {
                var length = set is null ? current.Length : current.Length + 1;
                if (length > most) continue;
                var reached = (target, Math.Min(length, counted));
                if (!known.TryGetValue(reached, out var next))
                {
                    next = builder.State();
                    known.Add(reached, next);
                    work.Push(reached);
                }

                if (set is null) builder.Empty(state, next);
                else write(builder, state, set, next);
            }
        }
    }

    /// <summary>Anchors may stand at the ends of the expression or of its topmost alternatives; where there is none, anything may.</summary>
    private void WriteTop(RegexNode node, bool isWhole)
    {
        switch (node)
        {
            case RegexNode.Choice choice:
                foreach (var option in choice.Options) WriteTop(option, isWhole);
                break;
            case RegexNode.Sequence { Parts: [RegexNode.Choice or RegexNode.Sequence] } group:
                WriteTop(group.Parts[0], isWhole);
                break;
            default:
                List<RegexNode> parts = [.. node is RegexNode.Sequence sequence ? sequence.Parts : [node]];
                var anything = new RegexNode.Repeat(new RegexNode.Characters(CodePointSet.All), 0, int.MaxValue);
                var isStart = parts.Count > 0 && parts[0] is RegexNode.StartAnchor;
                if (isStart) parts.RemoveAt(0);
                var isEnd = parts.Count > 0 && parts[^1] is RegexNode.EndAnchor;
                if (isEnd) parts.RemoveAt(parts.Count - 1);
                if (!isWhole && !isStart) parts.Insert(0, anything);
                if (!isWhole && !isEnd) parts.Add(anything);
                Write(new RegexNode.Sequence(parts), _start, _end);
                break;
        }
    }

    private int State()
    {
        if (_edges.Count >= MaxStates)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.SchemaInvalid,
                $"'{_field}' needs more than {MaxStates} states; lower its repetition counts.",
                _field);
        }

        _edges.Add([]);
        return _edges.Count - 1;
    }

    private void Write(RegexNode node, int from, int to)
    {
        switch (node)
        {
            case RegexNode.Characters characters:
                _edges[from].Add((characters.Set, to));
                break;
            case RegexNode.Sequence sequence:
                foreach (var part in sequence.Parts)
                {
                    var next = State();
                    Write(part, from, next);
                    from = next;
                }

                _edges[from].Add((null, to));
                break;
            case RegexNode.Choice choice:
                foreach (var option in choice.Options) Write(option, from, to);
                break;
            case RegexNode.Repeat repeat:
                WriteRepeat(repeat, from, to);
                break;
            default:
                throw new RequestRejectedException(
                    RequestErrorCodes.SchemaInvalid,
                    $"'{_field}': the pattern has an anchor inside; ^ and $ can stand at the ends of the pattern or of its topmost alternatives only.",
                    _field);
        }
    }

    private void WriteRepeat(RegexNode.Repeat repeat, int from, int to)
    {
        for (var i = 0; i < repeat.Least; i++)
        {
            var next = State();
            Write(repeat.Part, from, next);
            from = next;
        }

        if (repeat.Most == int.MaxValue)
        {
            var loop = State();
            _edges[from].Add((null, loop));
            Write(repeat.Part, loop, loop);
            _edges[loop].Add((null, to));
            return;
        }

        for (var i = repeat.Least; i < repeat.Most; i++)
        {
            _edges[from].Add((null, to));
            var next = State();
            Write(repeat.Part, from, next);
            from = next;
        }

        _edges[from].Add((null, to));
    }
}
