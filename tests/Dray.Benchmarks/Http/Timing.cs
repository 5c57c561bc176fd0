namespace Dray.Benchmarks.Http;

/// <summary>When a streamed answer's pieces came, in milliseconds.</summary>
/// <param name="First">From the request to the first piece.</param>
/// <param name="Between">From a piece to the next, on average.</param>
/// <param name="Whole">From the request to the end.</param>
internal readonly record struct Timing(double First, double Between, double Whole);
