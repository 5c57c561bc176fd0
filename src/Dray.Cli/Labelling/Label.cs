namespace Dray.Cli.Labelling;

/// <summary>What came of a row.</summary>
/// <param name="Text">The answer, or null where the row failed.</param>
/// <param name="Probability">The model's probability of the answer, or null where it wasn't asked for.</param>
/// <param name="Error">The error's code and message, or null.</param>
internal sealed record Label(string? Text, double? Probability, string? Error);
