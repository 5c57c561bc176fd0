namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// All runs that agree with what was written so far: a state of the deterministic automaton that <see cref="CompiledGrammar"/> makes as
/// it is needed. Interned: equal sets of runs are the same object.
/// </summary>
/// <param name="runs">The runs that can consume something, sorted.</param>
/// <param name="canEnd">Whether one of the runs is complete.</param>
/// <param name="isOpen">Whether one of the runs goes on in a part of the stack that isn't known.</param>
internal sealed class GrammarState(Run[] runs, bool canEnd, bool isOpen)
{
    private readonly GrammarState?[] _next = new GrammarState?[256];

    /// <summary>Gets the state that stands for "no run is left".</summary>
    public static GrammarState Dead { get; } = new([], false, false);

    /// <summary>Gets the runs that can consume something, sorted.</summary>
    public Run[] Runs { get; } = runs;

    /// <summary>Gets whether what was written so far is complete.</summary>
    public bool CanEnd { get; } = canEnd;

    /// <summary>Gets whether one of the runs goes on in a part of the stack that isn't known.</summary>
    public bool IsOpen { get; } = isOpen;

    /// <summary>Gets or sets, for a state with a cut stack, the nodes of the token trie whose subtrees the lower stack decides.</summary>
    public int[] OpenNodes { get; set; } = [];

    /// <summary>Gets or sets the tokens that may follow, a bit each, once they are known.</summary>
    public ulong[]? Mask { get; set; }

    /// <summary>Gets or sets where each byte leads: null where it isn't known yet, <see cref="Dead"/> where it may not follow.</summary>
    public GrammarState?[] Next => _next;
}
