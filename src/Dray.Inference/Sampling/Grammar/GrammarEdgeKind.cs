namespace Dray.Inference.Sampling.Grammar;

/// <summary>What an edge of a <see cref="GrammarAutomaton"/> does.</summary>
internal enum GrammarEdgeKind : byte
{
    /// <summary>Consumes one byte in [<see cref="GrammarEdge.Low"/>, <see cref="GrammarEdge.High"/>].</summary>
    Bytes,

    /// <summary>Consumes the special token <see cref="GrammarEdge.Low"/>.</summary>
    Special,

    /// <summary>Consumes nothing.</summary>
    Empty,

    /// <summary>Enters the rule that starts at the target; it comes back to <see cref="GrammarEdge.Continuation"/>.</summary>
    Call,

    /// <summary>Ends a rule.</summary>
    Return,

    /// <summary>Enters a loop of Low to High rounds at the target; it comes back to <see cref="GrammarEdge.Continuation"/>.</summary>
    Count,

    /// <summary>Starts the next round of the innermost loop.</summary>
    Iterate,

    /// <summary>Ends the innermost loop.</summary>
    Exit,
}
