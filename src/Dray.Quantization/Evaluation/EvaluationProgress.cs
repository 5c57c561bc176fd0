namespace Dray.Quantization.Evaluation;

/// <summary>How far an evaluation has come; each stage begins with a report of nothing done.</summary>
/// <param name="Stage">What is measured, such as <c>Perplexity</c>.</param>
/// <param name="Done">Units done of this stage.</param>
/// <param name="Total">Units of this stage.</param>
/// <param name="Unit">What is counted, in the plural, such as <c>chunks</c>.</param>
/// <param name="Tokens">Tokens that went through a model in this stage, or 0 where they aren't counted.</param>
public readonly record struct EvaluationProgress(string Stage, int Done, int Total, string Unit, long Tokens);
