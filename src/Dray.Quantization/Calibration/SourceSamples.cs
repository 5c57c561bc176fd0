namespace Dray.Quantization.Calibration;

/// <summary>What a source gave.</summary>
/// <param name="Source">The source.</param>
/// <param name="Samples">Its samples in the order to use them, at most as many as a mix can need.</param>
/// <param name="Shortage">Why there aren't more, a sentence, where a mix could need more; null where it can't.</param>
/// <param name="BadRecords">Which records were left out, a sentence, or null where none was.</param>
internal sealed record SourceSamples(DatasetSource Source, IReadOnlyList<int[]> Samples, string? Shortage, string? BadRecords);
