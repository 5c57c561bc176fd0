namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// A grammar over a vocabulary: follows all runs of a <see cref="GrammarAutomaton"/> at once and tells which tokens may follow. States,
/// their successors and masks are made when they are first met, and kept. Not thread-safe: after <see cref="Warm"/> only the engine's loop
/// uses it.
/// </summary>
internal sealed class CompiledGrammar
{
    /// <summary>The most rules that may nest: brackets of free JSON, references of a schema.</summary>
    public const int MaxDepth = 32;

    private const int StateBytes = 2_400;

    private readonly GrammarAutomaton _automaton;
    private readonly GrammarVocabulary _vocabulary;
    private readonly MaskWalker _walker;
    private readonly long _maxBytes;
    private readonly Dictionary<FrameKey, Frame> _frames = [];
    private readonly Dictionary<Run[], GrammarState>[] _states = new Dictionary<Run[], GrammarState>[4];
    private readonly RunSet _set;
    private int _frameIds;
    private long _bytes;

    /// <param name="automaton">The grammar.</param>
    /// <param name="vocabulary">The model's tokens.</param>
    /// <param name="maxBytes">The memory that states and masks may take before they are made anew.</param>
    public CompiledGrammar(GrammarAutomaton automaton, GrammarVocabulary vocabulary, long maxBytes = 32L << 20)
    {
        (_automaton, _vocabulary, _maxBytes) = (automaton, vocabulary, maxBytes);
        _walker = new MaskWalker(this, vocabulary.Trie);
        for (var i = 0; i < _states.Length; i++) _states[i] = new Dictionary<Run[], GrammarState>(RunsComparer.Instance);
        _set = new RunSet(automaton, Intern);
        _set.Add(automaton.Start, null);
        Start = Intern(_set);
    }

    /// <summary>Gets the state before anything is written; <see cref="GrammarState.Dead"/> where nothing obeys the grammar.</summary>
    public GrammarState Start { get; }

    /// <summary>Gets about how much memory the grammar takes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes) + (_automaton.States * 64L);

    /// <summary>Makes the first mask, so that the loop doesn't have to.</summary>
    public void Warm() => Mask(Start);

    /// <summary>Where a byte leads.</summary>
    public GrammarState Next(GrammarState state, byte value) => state.Next[value] ?? Explore(state, value);

    /// <summary>Where a token leads.</summary>
    public GrammarState Next(GrammarState state, int token)
    {
        if (_vocabulary.Tokenizer.IsSpecial(token)) return NextSpecial(state, token);
        foreach (var value in _vocabulary.Trie.Bytes(token))
        {
            state = Next(state, value);
            if (state == GrammarState.Dead) break;
        }

        return state;
    }

    /// <summary>The tokens that may follow, end tokens included where the answer may end.</summary>
    public ulong[] Mask(GrammarState state)
    {
        if (state.Mask is { } known) return known;
        var cut = _set.HasOverflowed ? state : Cut(state);
        if (cut == state || cut.IsOpen) return state.Mask = Keep(_walker.Walk(state, out _));

        cut.Mask ??= Keep(_walker.Walk(cut, out var openNodes), cut, openNodes);
        return state.Mask = cut.OpenNodes.Length == 0 ? cut.Mask : Keep(_walker.Resolve(state, cut.Mask, cut.OpenNodes));
    }

    /// <summary>Marks what isn't bytes: end tokens and special ones.</summary>
    public void MarkSpecials(GrammarState state, ulong[] mask)
    {
        if (state.CanEnd)
        {
            foreach (var id in _vocabulary.EndTokens) TokenMask.Set(mask, id);
        }

        foreach (var run in state.Runs)
        {
            foreach (var edge in _automaton.Edges(run.State))
            {
                if (edge.Kind == GrammarEdgeKind.Special) TokenMask.Set(mask, edge.Low);
            }
        }
    }

    /// <summary>
    /// How many characters of any text without quotes, backslashes and control characters may follow; 0 where it takes a walk to know, as
    /// some text may follow and other not.
    /// </summary>
    public int FreeTextLength(GrammarState state)
    {
        var most = 0;
        var isCertain = true;
        foreach (var run in state.Runs)
        {
            switch (_automaton.FreeText(run.State))
            {
                case FreeText.Unlimited:
                    return int.MaxValue;
                case FreeText.Counted:
                    // One round has been taken off already for the character that comes next.
                    most = Math.Max(most, Math.Min(run.Frame!.Key.Left, int.MaxValue - 1) + 1);
                    break;
                default:
                    isCertain &= !TakesText(run.State);
                    break;
            }
        }

        return isCertain || most > _vocabulary.Trie.LongestToken ? most : 0;
    }

    private bool TakesText(int state)
    {
        foreach (var edge in _automaton.Edges(state))
        {
            if (edge.Kind == GrammarEdgeKind.Bytes && edge.High >= ' ' && !(edge.Low == edge.High && edge.Low is '"' or '\\')) return true;
        }

        return false;
    }

    private GrammarState NextSpecial(GrammarState state, int token)
    {
        _set.Clear();
        foreach (var run in state.Runs)
        {
            foreach (var edge in _automaton.Edges(run.State))
            {
                if (edge.Kind == GrammarEdgeKind.Special && edge.Low == token) _set.Add(edge.Target, run.Frame);
            }
        }

        return Intern(_set);
    }

    /// <summary>Finds where a byte leads, and at once all neighbours that the same edges take.</summary>
    private GrammarState Explore(GrammarState state, byte value)
    {
        var (low, high) = (0, 255);
        _set.Clear();
        foreach (var run in state.Runs)
        {
            foreach (var edge in _automaton.Edges(run.State))
            {
                if (edge.Kind != GrammarEdgeKind.Bytes) continue;
                if (edge.High < value)
                {
                    low = Math.Max(low, edge.High + 1);
                }
                else if (edge.Low > value)
                {
                    high = Math.Min(high, edge.Low - 1);
                }
                else
                {
                    (low, high) = (Math.Max(low, edge.Low), Math.Min(high, edge.High));
                    _set.Add(edge.Target, run.Frame);
                }
            }
        }

        var next = Intern(_set);
        state.Next.AsSpan(low, high - low + 1).Fill(next);
        return next;
    }

    /// <summary>
    /// The same state with its stacks cut below the innermost rule, and loops no longer than a token can tell. States that differ in what
    /// they will come back to only, such as the items of a list, share it.
    /// </summary>
    private GrammarState Cut(GrammarState state)
    {
        var runs = new Run[state.Runs.Length];
        for (var i = 0; i < runs.Length; i++) runs[i] = state.Runs[i] with { Frame = Cut(state.Runs[i].Frame) };
        if (runs.AsSpan().SequenceEqual(state.Runs)) return state;
        _set.Clear();
        foreach (var run in runs) _set.Add(run.State, run.Frame);
        return Intern(_set);
    }

    private Frame? Cut(Frame? frame)
    {
        if (frame is null || frame.IsUnknown) return frame;
        var key = frame.Key;
        if (!key.IsRule)
        {
            var longest = _vocabulary.Trie.LongestToken;
            var left = key.Left == Frame.Unlimited ? key.Left : Math.Min(key.Left, longest);
            return Intern(key with { Parent = Cut(key.Parent), Needed = Math.Min(key.Needed, longest), Left = left });
        }

        if (key.Parent is not { } parent) return frame;
        return Intern(key with { Parent = Intern(new FrameKey(null, Frame.Unknown, parent.Depth, -1)) });
    }

    private Frame Intern(FrameKey key)
    {
        if (_frames.TryGetValue(key, out var known)) return known;
        var depth = key.Continuation == Frame.Unknown ? key.Needed : (key.Parent?.Depth ?? 0) + (key.IsRule ? 1 : 0);
        var frame = new Frame(key, _frameIds++, depth);
        _frames.Add(key, frame);
        return frame;
    }

    private GrammarState Intern(RunSet set)
    {
        var (runs, canEnd, isOpen) = set.Close();
        if (runs.Length == 0 && !canEnd && !isOpen) return GrammarState.Dead;
        var states = _states[(canEnd ? 1 : 0) + (isOpen ? 2 : 0)];
        if (states.TryGetValue(runs, out var known)) return known;
        if (_bytes > _maxBytes) Forget();
        var state = new GrammarState(runs, canEnd, isOpen);
        states.Add(runs, state);
        Interlocked.Add(ref _bytes, StateBytes + (runs.Length * 16L));
        return state;
    }

    /// <summary>Drops what is known. States that are in use stay right: they hold all they need themselves.</summary>
    private void Forget()
    {
        foreach (var states in _states) states.Clear();
        _frames.Clear();
        Interlocked.Exchange(ref _bytes, 0);
        Array.Clear(Start.Next);
    }

    private ulong[] Keep(ulong[] mask, GrammarState? cut = null, int[]? openNodes = null)
    {
        Interlocked.Add(ref _bytes, mask.Length * sizeof(ulong));
        if (cut is not null) cut.OpenNodes = openNodes!;
        return mask;
    }
}
