using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Tests.Services;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Benchmarks.Queue;

/// <summary>
/// What the queue costs: batches through RabbitMQ and Azurite, with an engine that answers at once. Rows per second end to end, from the
/// submit to the event; the time from the last row to the event; the time to submit a large input, and what the worker's memory does.
/// </summary>
internal static class QueueReport
{
    private const int LargeRows = 50_000;
    private const int LargeRowBytes = 4000;
    private const int SmallBatches = 200;
    private const int SmallRows = 100;

    public static async Task RunAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await using var node = await RabbitMqNode.StartAsync();
        await using var azurite = await AzuriteServer.StartAsync();
        var clock = Path.Combine(folder, "last-answer");
        using var lastAnswer = new SharedClock(clock);
        using var worker = await WorkerChild.StartAsync(node.Uri, azurite.ConnectionString, clock);
        await using var client = await BatchClient.OpenAsync(
            BlobStoreLocation.Parse(azurite.ConnectionString), BrokerOptions.Parse(node.Uri.AbsoluteUri));
        await using var events = await CompletedBatches.ListenAsync(node.Uri);

        var fresh = worker.MemoryMiB(peak: false);

        // The first batch pays for connections and for code that is compiled then.
        await RunAsync(client, events, lastAnswer, Write(folder, "warm", 2000, 400));

        Console.WriteLine("| batch | submit s | end to end s | rows/s | event after last row s |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var (name, rows, bytes) in new[] { ("2,000 rows of 0.4 KB", 2000, 400), ("10,000 rows of 0.4 KB", 10_000, 400), ("50,000 rows of 4 KB", LargeRows, LargeRowBytes) })
        {
            var run = await RunAsync(client, events, lastAnswer, Write(folder, name.Split(' ')[0], rows, bytes));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {run.Submit:F1} | {run.Total:F1} | {rows / run.Total:F0} | {run.EventDelay:F2} |"));
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Worker memory: {fresh:F0} MiB before the first batch, {worker.MemoryMiB(peak: true):F0} MiB at most."));

        var delays = new List<double>();
        for (var i = 0; i < SmallBatches; i++) delays.Add((await RunAsync(client, events, lastAnswer, Write(folder, $"small-{i}", SmallRows, 400))).EventDelay);
        delays.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Event after the last row, {SmallBatches} batches of {SmallRows} rows: p50 {delays[SmallBatches / 2]:F3} s, p99 {delays[SmallBatches * 99 / 100]:F3} s."));
    }

    private static async Task<Run> RunAsync(BatchClient client, CompletedBatches events, SharedClock lastAnswer, string file)
    {
        var start = Stopwatch.GetTimestamp();
        var submitted = await client.SubmitAsync(file, new SubmitOptions());
        var submit = Stopwatch.GetElapsedTime(start);
        await events.WaitAsync(submitted.BatchId);
        return new Run(submit.TotalSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds, lastAnswer.Elapsed.TotalSeconds);
    }

    private static string Write(string folder, string name, int rows, int bytes)
    {
        var file = Path.Combine(folder, name + ".jsonl");
        var padding = new string('x', bytes - 200);
        using var writer = new StreamWriter(file, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        for (var row = 0; row < rows; row++)
        {
            writer.Write(JsonSerializer.Serialize(new
            {
                custom_id = $"{name}-{row}",
                method = "POST",
                url = BatchRow.ChatCompletionsUrl,
                body = new { messages = new[] { new { role = "user", content = $"{name} {row} {padding}" } }, max_tokens = 50 },
            }));
            writer.Write('\n');
        }

        return file;
    }

    private readonly record struct Run(double Submit, double Total, double EventDelay);
}
