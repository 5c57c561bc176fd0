namespace Dray.Worker.Client;

/// <summary>A piece of a list of batches.</summary>
/// <param name="Batches">The batches, newest first.</param>
/// <param name="HasMore">Whether there are more after them.</param>
public sealed record BatchPage(IReadOnlyList<BatchSnapshot> Batches, bool HasMore);
