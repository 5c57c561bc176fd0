using System.Diagnostics.Metrics;
using Dray.Inference;

namespace Dray.Worker.Telemetry;

/// <summary>What an engine's statistics and the batches in hand say, whenever a reader of metrics looks.</summary>
internal sealed class EngineInstruments : IDisposable
{
    private readonly Meter _meter = new(DrayTelemetry.Name);

    /// <summary>Creates the instruments; <paramref name="engine"/> is null where none is loaded.</summary>
    public EngineInstruments(IInferenceEngine? engine, RemainingRows remaining)
    {
        _meter.CreateObservableGauge(
            "dray.rows.remaining", remaining.Count, "{row}",
            "Rows not done yet of the batches that this worker knows. Workers that share a batch each count it: take the maximum.");
        if (engine is null) return;
        Gauge("dray.sequences.running", "{sequence}", "Sequences that hold a place.", now => now.Running);
        Gauge("dray.sequences.waiting", "{sequence}", "Sequences that wait for a place.", now => now.Waiting);
        _meter.CreateObservableGauge(
            "dray.kv.usage", () => Known(KvUsage(engine.Statistics)), "1", "Share of the KV cache's blocks that sequences hold.");
        _meter.CreateObservableGauge(
            "dray.prefill.fill", () => Known(engine.Statistics.MeanPrefillFill), "1",
            "Mean fill of max_num_batched_tokens over the steps that computed prompts while more waited.");
        _meter.CreateObservableCounter("dray.tokens", () => Tokens(engine.Statistics), "{token}", "Tokens computed, generated and shared.");
        Counter("dray.engine.steps", "{step}", "Forward passes.", now => now.Steps);
        Counter("dray.engine.images", "{image}", "Pictures encoded.", now => now.EncodedImages);
        Counter("dray.engine.preemptions", "{preemption}", "Sequences put back for lack of KV blocks.", now => now.Preemptions);

        void Gauge(string name, string unit, string description, Func<EngineStatistics, int> read) =>
            _meter.CreateObservableGauge(name, () => read(engine.Statistics), unit, description);

        void Counter(string name, string unit, string description, Func<EngineStatistics, long> read) =>
            _meter.CreateObservableCounter(name, () => read(engine.Statistics), unit, description);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static double KvUsage(EngineStatistics now) => now.KvBlocks == 0 ? double.NaN : (double)now.KvBlocksUsed / now.KvBlocks;

    // What isn't known yet isn't reported, rather than as not a number.
    private static IEnumerable<Measurement<double>> Known(double value) => double.IsNaN(value) ? [] : [new Measurement<double>(value)];

    private static IEnumerable<Measurement<long>> Tokens(EngineStatistics now) =>
    [
        new(now.PromptTokens, new KeyValuePair<string, object?>(DrayTelemetry.Direction, "in")),
        new(now.CompletionTokens, new KeyValuePair<string, object?>(DrayTelemetry.Direction, "out")),
        new(now.SharedTokens, new KeyValuePair<string, object?>(DrayTelemetry.Direction, "shared")),
    ];
}
