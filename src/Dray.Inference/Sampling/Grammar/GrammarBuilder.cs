namespace Dray.Inference.Sampling.Grammar;

/// <summary>Makes a <see cref="GrammarAutomaton"/>, state by state.</summary>
/// <param name="field">The request's field that the grammar comes from, which errors name.</param>
internal sealed class GrammarBuilder(string field)
{
    /// <summary>The most states, and the most edges, of one grammar.</summary>
    public const int MaxSize = 250_000;

    private readonly List<int> _heads = [];
    private readonly List<(GrammarEdge Edge, int Next)> _edges = [];
    private readonly Dictionary<int, FreeText> _freeText = [];
    private readonly Dictionary<(int Target, int Bytes), int> _continuations = [];

    /// <summary>Gets the request's field that the grammar comes from.</summary>
    public string Field { get; } = field;

    /// <summary>Adds a state.</summary>
    /// <exception cref="RequestRejectedException">The grammar grows too large.</exception>
    public int State()
    {
        if (_heads.Count >= MaxSize) throw TooLarge();
        _heads.Add(-1);
        return _heads.Count - 1;
    }

    public void Bytes(int from, int low, int high, int to) => Add(from, new GrammarEdge(GrammarEdgeKind.Bytes, low, high, to, -1));

    public void Byte(int from, char value, int to) => Bytes(from, value, value, to);

    public void Special(int from, int id, int to) => Add(from, new GrammarEdge(GrammarEdgeKind.Special, id, id, to, -1));

    public void Empty(int from, int to) => Add(from, new GrammarEdge(GrammarEdgeKind.Empty, 0, 0, to, -1));

    public void Call(int from, int rule, int to) => Add(from, new GrammarEdge(GrammarEdgeKind.Call, 0, 0, rule, to));

    public void Return(int from) => Add(from, new GrammarEdge(GrammarEdgeKind.Return, 0, 0, -1, -1));

    /// <summary>A loop of <paramref name="least"/> to <paramref name="most"/> rounds; <see cref="int.MaxValue"/> is without end.</summary>
    public void Count(int from, int least, int most, int loop, int to) => Add(from, new GrammarEdge(GrammarEdgeKind.Count, least, most, loop, to));

    public void Iterate(int from, int to) => Add(from, new GrammarEdge(GrammarEdgeKind.Iterate, 0, 0, to, -1));

    public void Exit(int from) => Add(from, new GrammarEdge(GrammarEdgeKind.Exit, 0, 0, -1, -1));

    /// <summary>Says that any text without quote, backslash and control characters may follow in a state.</summary>
    public void MarkFreeText(int state, FreeText kind) => _freeText.Add(state, kind);

    /// <summary>The state after a text of bytes.</summary>
    public int Literal(int from, ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            var next = State();
            Bytes(from, value, value, next);
            from = next;
        }

        return from;
    }

    /// <summary>The state after a byte and the one space that may follow it.</summary>
    public int Separator(int from, char value)
    {
        var (space, end) = (State(), State());
        Byte(from, value, space);
        Byte(space, ' ', end);
        Empty(space, end);
        return end;
    }

    /// <summary>The state from which <paramref name="bytes"/> UTF-8 continuation bytes lead to <paramref name="to"/>.</summary>
    public int Continuation(int to, int bytes)
    {
        if (bytes == 0) return to;
        if (_continuations.TryGetValue((to, bytes), out var known)) return known;
        var state = State();
        Bytes(state, 0x80, 0xBF, Continuation(to, bytes - 1));
        _continuations.Add((to, bytes), state);
        return state;
    }

    /// <summary>Freezes the states into an automaton.</summary>
    public GrammarAutomaton Build(int start)
    {
        var edges = new List<GrammarEdge>(_edges.Count);
        var ends = new int[_heads.Count];
        var freeText = new FreeText[_heads.Count];
        for (var state = 0; state < ends.Length; state++)
        {
            for (var i = _heads[state]; i >= 0; i = _edges[i].Next) edges.Add(_edges[i].Edge);
            ends[state] = edges.Count;
            freeText[state] = _freeText.GetValueOrDefault(state);
        }

        return new GrammarAutomaton([.. edges], ends, start, freeText);
    }

    private void Add(int from, GrammarEdge edge)
    {
        if (_edges.Count >= MaxSize) throw TooLarge();
        _edges.Add((edge, _heads[from]));
        _heads[from] = _edges.Count - 1;
    }

    private RequestRejectedException TooLarge() => new(
        RequestErrorCodes.SchemaInvalid,
        $"'{Field}' needs more than {MaxSize} grammar states; lower its maxLength or repetition counts, or split it.",
        Field);
}
