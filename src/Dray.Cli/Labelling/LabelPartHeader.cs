namespace Dray.Cli.Labelling;

/// <summary>What is known of a part of the rows that is done.</summary>
/// <param name="Identity">What its labels depend on: rows, model, and the options that answers depend on.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="PromptTokens">Prompt tokens of its answers.</param>
/// <param name="CompletionTokens">Tokens of its answers.</param>
internal sealed record LabelPartHeader(string Identity, int Rows, long PromptTokens, long CompletionTokens);
