namespace Dray.Samples;

/// <summary>The form of a label: what the answer is read as, and what the model is held to.</summary>
internal sealed record Topic(string topic);
