namespace Dray.Quantization.Evaluation;

/// <summary>Something that can't be measured: logits that aren't numbers, or saved ones that don't belong to the text or the model.</summary>
/// <param name="message">The sentence for the user.</param>
public sealed class EvaluationException(string message) : Exception(message);
