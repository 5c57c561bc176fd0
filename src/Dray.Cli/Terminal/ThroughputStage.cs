using System.Globalization;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>Shows a throughput benchmark as stages of an evaluation.</summary>
internal sealed class ThroughputStage(IProgress<EvaluationProgress> progress) : IProgress<(int Concurrency, int Done, int Requests)>
{
    public void Report((int Concurrency, int Done, int Requests) value) => progress.Report(new EvaluationProgress(
        string.Create(CultureInfo.InvariantCulture, $"Throughput, {value.Concurrency} at once"), value.Done, value.Requests, "requests", 0));
}
