using System.Text;
using System.Text.Json;
using Dray.Cli.Drill;
using Dray.Tests.Services;

namespace Dray.Cli.Tests.Faults;

/// <summary>A worker that is killed in the middle of a schedule's firing.</summary>
[Collection(FaultGroup.Name)]
public sealed class ScheduleKillTests : IDisposable
{
    private const string Clock = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private const int Copies = 3;
    private static readonly string Samples = Path.Combine(SharedFolder.Repository, "samples");
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Firing_WorkerIsKilled_TheNextOneEndsItAndCaptionsEveryPictureOnce()
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        RequiredServices.Demand(File.Exists(Clock), "faketime");
        var pictures = CopyPictures();
        await using var node = await RabbitMqNode.StartAsync(cancellationToken: Token);
        var options = Options(node.Uri.OriginalString);
        var run = await CommandRun.Of("schedules", "run", "pictures", "--config", options.Config!, "--store", options.Store);
        run.ExitCode.ShouldBe(0, run.Error);
        var batch = _folder["store", "batches", $"schedule-pictures-{run.Output.Trim()}-1"];
        var chunks = Path.Combine(batch, "chunks");
        await using (var killed = new WorkerProcess("killed", options))
        {
            await killed.StartAsync(Token);
            await UntilAsync(() => Directory.Exists(chunks) && Directory.GetFiles(chunks, "*.jsonl") is not []);
            await killed.KillAsync();
        }

        File.Exists(Path.Combine(batch, "manifest.json")).ShouldBeFalse("it was killed before the end");
        var kept = Directory.GetFiles(chunks, "*.jsonl").ToDictionary(path => path, File.GetLastWriteTimeUtc);

        // By the clock of the next one, what the dead one held is free.
        await using var next = new WorkerProcess("next", options with
        {
            Environment = new Dictionary<string, string> { ["LD_PRELOAD"] = Clock, ["FAKETIME"] = "+2m", ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1", ["NO_FAKE_STAT"] = "1" },
        });
        await next.StartAsync(Token);
        var state = _folder["store", "schedules", "pictures", "state.json"];
        await UntilAsync(() => !ReadJson(state).TryGetProperty("firing", out JsonElement _));

        kept.ShouldAllBe(chunk => File.GetLastWriteTimeUtc(chunk.Key) == chunk.Value, "what was done isn't done again");
        Directory.GetDirectories(_folder["store", "batches"]).ShouldBe([batch]);
        File.ReadLines(Path.Combine(batch, "input.jsonl")).Count().ShouldBe(pictures.Count);
        var captions = File.ReadLines(_folder["store", "captions", $"pictures-{run.Output.Trim()}.jsonl"]).Select(line => JsonElement.Parse(line)).ToArray();
        captions.Select(caption => caption.GetProperty("path").GetString()).ShouldBe(pictures.Keys, ignoreOrder: true);
        foreach (var caption in captions)
        {
            var path = caption.GetProperty("path").GetString()!;
            var sidecar = ReadJson(_folder["store", "captions", path + ".json"]);
            JsonElement.DeepEquals(sidecar, caption).ShouldBeTrue(path);
            if (pictures[path] == "sample-memo") sidecar.GetProperty("answer").GetString().ShouldBe(ReferenceOf("sample-memo"), path);
        }

        ReadJson(state).GetProperty("last").GetProperty("counts").GetProperty("captioned").GetInt32().ShouldBe(pictures.Count);
    }

    private static JsonElement ReadJson(string path) => JsonElement.Parse(File.ReadAllBytes(path));

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo()) await Task.Delay(Pause, Token);
    }

    private static string ReferenceOf(string sample) => File.ReadLines(Path.Combine(Samples, "jobs", "demo-reference.jsonl"))
        .Select(line => JsonElement.Parse(Encoding.UTF8.GetBytes(line)))
        .Single(line => line.GetProperty("custom_id").GetString() == sample).GetProperty("content").GetString()!;

    private WorkerProcessOptions Options(string broker) => new()
    {
        Broker = broker,
        Store = _folder["store"],
        Model = Path.Combine(Samples, "models", "dray-demo"),
        Threads = 1,
        Config = _folder.Write(
            "dray.yaml",
            """
            chunk_rows: 2
            concurrent_chunks: 1
            max_rows_in_flight: 2
            schedules:
              - name: pictures
                cron: "0 0 1 1 *"
                source: file:pictures
                output: captions/
                prompt: Give a one-sentence caption with the key facts.
                max_tokens: 128
                temperature: 0

            """),
    };

    // More than the samples are, for there to be time to be killed in.
    private Dictionary<string, string> CopyPictures()
    {
        var pictures = new Dictionary<string, string>(StringComparer.Ordinal);
        Directory.CreateDirectory(_folder["pictures"]);
        foreach (var path in Directory.GetFiles(Path.Combine(Samples, "jobs", "images"), "*.png"))
        {
            for (var copy = 0; copy < Copies; copy++)
            {
                var name = $"{copy}-{Path.GetFileName(path)}";
                File.Copy(path, _folder["pictures", name]);
                pictures.Add(name, Path.GetFileNameWithoutExtension(path));
            }
        }

        return pictures;
    }
}
