using Dray.Inference;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Telemetry;

[Collection(WebWorkerGroup.Name)]
public sealed class MetricsEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_AfterABatch_HaveRowsTokensEngineAndMessages()
    {
        await using var worker = await WebWorker.StartAsync(Token);
        worker.Engine.Statistics = new EngineStatistics
        {
            KvBlocks = 8, KvBlocksUsed = 2, Running = 3, Waiting = 1, PromptTokens = 100, CompletionTokens = 20, MeanPrefillFill = 0.5,
        };

        await worker.RunBatchAsync("b1", JobLines.Lines(3) + JobLines.Line("row-long", "too long") + "\n", Token);
        var text = await worker.Client.GetStringAsync("/metrics", Token);

        text.ShouldSatisfyAllConditions(
            () => Value(text, "dray_rows_total", "outcome=\"completed\"").ShouldBeGreaterThanOrEqualTo(3),
            () => Value(text, "dray_rows_total", "error_code=\"context_length_exceeded\"").ShouldBeGreaterThanOrEqualTo(1),
            () => Value(text, "dray_rows_remaining").ShouldBe(0),
            () => Value(text, "dray_kv_usage").ShouldBe(0.25),
            () => Value(text, "dray_prefill_fill").ShouldBe(0.5),
            () => Value(text, "dray_sequences_running").ShouldBe(3),
            () => Value(text, "dray_sequences_waiting").ShouldBe(1),
            () => Value(text, "dray_tokens_total", "direction=\"in\"").ShouldBe(100),
            () => Value(text, "dray_tokens_total", "direction=\"out\"").ShouldBe(20),
            () => Value(text, "dray_queue_lag_seconds_count", "messaging_destination_name=\"RunChunk\"").ShouldBeGreaterThanOrEqualTo(2),
            () => Value(text, "dray_chunk_duration_seconds_count", "outcome=\"completed\"").ShouldBeGreaterThanOrEqualTo(2),
            () => Value(text, "dray_commits_total", "outcome=\"committed\"").ShouldBeGreaterThanOrEqualTo(1),
            () => Value(text, "dray_events_total", "event=\"BatchCompleted\"", "outcome=\"published\"").ShouldBeGreaterThanOrEqualTo(1),
            () => Value(text, "gen_ai_client_token_usage_count", "gen_ai_token_type=\"input\"").ShouldBeGreaterThanOrEqualTo(3),
            () => Value(text, "gen_ai_client_operation_duration_seconds_count", "error_type=\"context_length_exceeded\"")
                .ShouldBeGreaterThanOrEqualTo(1),
            () => Value(text, "gen_ai_server_request_duration_seconds_bucket", "le=\"0.02\"").ShouldBeGreaterThanOrEqualTo(0),
            () => Value(text, "messaging_process_duration_seconds_count", "messaging_destination_name=\"SubmitBatch\"")
                .ShouldBeGreaterThanOrEqualTo(1),
            () => Value(text, "messaging_client_consumed_messages_total", "messaging_destination_name=\"SubmitBatch\"")
                .ShouldBeGreaterThanOrEqualTo(1),
            () => Value(text, "messaging_client_sent_messages_total", "messaging_destination_name=\"RunChunk\"").ShouldBeGreaterThanOrEqualTo(2),
            () => text.ShouldContain("dotnet_gc_"));
        text.ShouldNotContain("\"b1\"");
        text.ShouldNotContain("row-long");
    }

    [Fact]
    public async Task Metrics_NothingPrefilledYet_LeaveOutTheFill()
    {
        await using var worker = await WebWorker.StartAsync(Token);
        worker.Engine.Statistics = new EngineStatistics { MeanPrefillFill = double.NaN };

        var text = await worker.Client.GetStringAsync("/metrics", Token);

        text.ShouldNotContain("dray_prefill_fill{");
        text.ShouldNotContain("NaN");
        Value(text, "dray_sequences_running").ShouldBe(0);
    }

    private static double Value(string text, string name, params string[] tags)
    {
        var values = text.Split('\n')
            .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) || line.StartsWith($"{name} ", StringComparison.Ordinal))
            .Where(line => tags.All(line.Contains))
            .Select(line => double.Parse(line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]))
            .ToArray();
        values.ShouldNotBeEmpty($"{name} with {string.Join(", ", tags)} isn't in:\n{text}");
        return values.Sum();
    }
}
