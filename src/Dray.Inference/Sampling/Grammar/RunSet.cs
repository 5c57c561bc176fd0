namespace Dray.Inference.Sampling.Grammar;

/// <summary>Collects runs and follows their edges that consume nothing.</summary>
/// <param name="automaton">The grammar.</param>
/// <param name="intern">Makes frames.</param>
internal sealed class RunSet(GrammarAutomaton automaton, Func<FrameKey, Frame> intern)
{
    /// <summary>
    /// The most runs that are followed. Those beyond are dropped: what is written then still obeys the grammar, as each run that is left is
    /// a way through it.
    /// </summary>
    public const int MaxRuns = 8_000;

    private readonly HashSet<Run> _seen = [];
    private readonly List<Run> _work = [];
    private readonly List<Run> _consuming = [];
    private bool _canEnd;
    private bool _isOpen;

    /// <summary>Gets whether runs were ever dropped.</summary>
    public bool HasOverflowed { get; private set; }

    public void Clear()
    {
        _seen.Clear();
        _work.Clear();
        _consuming.Clear();
        (_canEnd, _isOpen) = (false, false);
    }

    /// <summary>Adds a run, unless it can't reach the grammar's end within the nesting that is left.</summary>
    public void Add(int state, Frame? frame)
    {
        if (!IsAlive(state, frame)) return;
        if (_work.Count >= MaxRuns)
        {
            HasOverflowed = true;
            return;
        }

        if (_seen.Add(new Run(state, frame))) _work.Add(new Run(state, frame));
    }

    /// <summary>The runs that consume something, sorted; whether one is complete, and whether one goes on in an unknown part of the stack.</summary>
    public (Run[] Runs, bool CanEnd, bool IsOpen) Close()
    {
        for (var i = 0; i < _work.Count; i++)
        {
            var (state, frame) = _work[i];
            var consumes = false;
            foreach (var edge in automaton.Edges(state))
            {
                if (edge.Kind is GrammarEdgeKind.Bytes or GrammarEdgeKind.Special) consumes = true;
                else Follow(edge, frame);
            }

            if (consumes) _consuming.Add(_work[i]);
        }

        _consuming.Sort();
        return ([.. _consuming], _canEnd, _isOpen);
    }

    private void Follow(GrammarEdge edge, Frame? frame)
    {
        switch (edge.Kind)
        {
            case GrammarEdgeKind.Empty:
                Add(edge.Target, frame);
                break;
            case GrammarEdgeKind.Call when IsAlive(edge.Continuation, frame):
                Add(edge.Target, intern(new FrameKey(frame, edge.Continuation, 0, -1)));
                break;
            case GrammarEdgeKind.Count when IsAlive(edge.Continuation, frame):
                Add(edge.Target, intern(new FrameKey(frame, edge.Continuation, edge.Low, edge.High)));
                break;
            case GrammarEdgeKind.Return when frame is null:
                _canEnd = true;
                break;
            case GrammarEdgeKind.Return or GrammarEdgeKind.Exit or GrammarEdgeKind.Iterate when frame!.IsUnknown:
                _isOpen = true;
                break;
            case GrammarEdgeKind.Return:
                Add(frame!.Key.Continuation, frame.Key.Parent);
                break;
            case GrammarEdgeKind.Exit when frame!.Key.Needed == 0:
                Add(frame.Key.Continuation, frame.Key.Parent);
                break;
            case GrammarEdgeKind.Iterate when frame!.Key.Left > 0:
                var (key, left) = (frame.Key, frame.Key.Left);
                var next = key with { Needed = Math.Max(0, key.Needed - 1), Left = left == Frame.Unlimited ? left : left - 1 };
                Add(edge.Target, next == key ? frame : intern(next));
                break;
        }
    }

    private bool IsAlive(int state, Frame? frame)
    {
        var height = automaton.Height(state);
        return height != GrammarHeights.Never && (frame?.Depth ?? 0) + height <= CompiledGrammar.MaxDepth;
    }
}
