namespace Dray.Inference.Sampling.Grammar;

/// <summary>An answer that obeys a grammar from its first token to its last.</summary>
/// <param name="grammar">The grammar, which other sequences of the same engine may share.</param>
internal sealed class GrammarConstraint(CompiledGrammar grammar) : ITokenConstraint
{
    private GrammarState _state = grammar.Start;

    /// <inheritdoc/>
    public bool CanEnd => _state.CanEnd;

    /// <inheritdoc/>
    public void Mask(Span<float> logits) => TokenMask.Apply(grammar.Mask(_state), logits);

    /// <inheritdoc/>
    public void Accept(int id)
    {
        var next = grammar.Next(_state, id);
        // An end token leaves the state as it is: where the end is ignored, it can only be repeated.
        if (next != GrammarState.Dead) _state = next;
    }
}
