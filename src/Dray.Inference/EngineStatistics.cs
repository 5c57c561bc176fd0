namespace Dray.Inference;

/// <summary>Totals of an engine since its start.</summary>
/// <param name="Steps">Forward passes run.</param>
/// <param name="PromptTokens">Prompt tokens computed.</param>
/// <param name="CompletionTokens">Tokens generated.</param>
/// <param name="Running">Sequences in the batch now.</param>
/// <param name="Waiting">Sequences waiting for a place.</param>
public readonly record struct EngineStatistics(long Steps, long PromptTokens, long CompletionTokens, int Running, int Waiting);
