using System.Collections.Concurrent;
using System.Diagnostics;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Dray.Worker.Tests.Telemetry;

[Collection(WebWorkerGroup.Name)]
public sealed class TraceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batch_Traced_RowsAreRootsThatLinkToChunkAndSubmission()
    {
        using var spans = new SpanRecorder();
        await using var worker = await WebWorker.StartAsync(
            Token, services => services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(spans)));

        using var producer = new Activity("producer").SetIdFormat(ActivityIdFormat.W3C);
        producer.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        producer.Start();
        await worker.RunBatchAsync("traced-batch", JobLines.Lines(3), Token);
        producer.Stop();
        worker.Services.GetRequiredService<TracerProvider>().ForceFlush();

        var ended = spans.Ended.ToArray();
        var chunks = ended.Where(span => span.OperationName == "run chunk" && (string?)span.GetTagItem("dray.batch.id") == "traced-batch").ToArray();
        chunks.Length.ShouldBe(2);
        ended.Count(span => span.OperationName == "commit batch" && (string?)span.GetTagItem("dray.batch.id") == "traced-batch").ShouldBe(1);
        var submits = ended.Where(span => span.Source.Name == "MassTransit" && span.TraceId == producer.TraceId).Select(span => span.SpanId).ToHashSet();
        chunks.ShouldAllBe(span => span.TraceId == producer.TraceId);

        var chunkIds = chunks.Select(span => span.SpanId).ToHashSet();
        var rows = ended.Where(span => span.OperationName == "chat fake-model" && span.Links.Any(link => chunkIds.Contains(link.Context.SpanId))).ToArray();
        rows.Length.ShouldBe(3);
        rows.ShouldAllBe(span => span.Parent == null && span.ParentSpanId == default && span.TraceId != producer.TraceId);
        rows.ShouldAllBe(span => span.Links.Count() == 2 && submits.Contains(span.Links.Last().Context.SpanId));
        rows.ShouldAllBe(span => Equals(span.GetTagItem("gen_ai.usage.input_tokens"), 5) && Equals(span.GetTagItem("gen_ai.usage.output_tokens"), 2));
        rows[0].TagObjects.Select(tag => tag.Key).Order().ShouldBe(
        [
            "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.finish_reasons",
            "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
        ]);
    }

    private sealed class SpanRecorder : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Ended { get; } = [];

        public override void OnEnd(Activity data) => Ended.Enqueue(data);
    }
}
