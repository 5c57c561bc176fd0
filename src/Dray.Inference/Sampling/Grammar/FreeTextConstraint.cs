namespace Dray.Inference.Sampling.Grammar;

/// <summary>Free text, in which the model may start calling tools; from there on a grammar holds. Without a grammar it may not.</summary>
/// <param name="toolCallsToken">The token that starts a call.</param>
/// <param name="calls">The grammar of calls from that token on, or null where tools may not be called.</param>
internal sealed class FreeTextConstraint(int toolCallsToken, CompiledGrammar? calls) : ITokenConstraint
{
    private GrammarConstraint? _call;

    /// <inheritdoc/>
    public bool CanEnd => _call?.CanEnd ?? true;

    /// <inheritdoc/>
    public void Mask(Span<float> logits)
    {
        if (_call is not null) _call.Mask(logits);
        else if (calls is null) logits[toolCallsToken] = float.NegativeInfinity;
    }

    /// <inheritdoc/>
    public void Accept(int id)
    {
        if (_call is null && id == toolCallsToken && calls is not null) _call = new GrammarConstraint(calls);
        _call?.Accept(id);
    }
}
