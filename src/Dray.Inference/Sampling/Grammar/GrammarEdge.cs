namespace Dray.Inference.Sampling.Grammar;

/// <summary>An edge of a <see cref="GrammarAutomaton"/>.</summary>
/// <param name="Kind">What it does, and what the numbers mean.</param>
/// <param name="Low">The least byte, the special token, or the least number of rounds.</param>
/// <param name="High">The greatest byte or number of rounds.</param>
/// <param name="Target">The state it leads to.</param>
/// <param name="Continuation">Where a rule or loop comes back to.</param>
internal readonly record struct GrammarEdge(GrammarEdgeKind Kind, int Low, int High, int Target, int Continuation);
