namespace Dray.Inference.Sampling;

/// <summary>What one piece of text released.</summary>
/// <param name="Text">Text that is now certain to be part of the answer.</param>
/// <param name="Stop">The stop string that was met, or null to go on.</param>
public readonly record struct StopStep(string Text, string? Stop);
