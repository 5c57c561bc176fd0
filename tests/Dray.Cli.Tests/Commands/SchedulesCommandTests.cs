using System.Text;
using System.Text.Json;
using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Worker.Hosting;
using Dray.Worker.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dray.Cli.Tests.Commands;

public sealed class SchedulesCommandTests
{
    private static readonly string Sample = Path.Combine(SharedFolder.Repository, "samples", "schedules", "dray.yaml");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_Sample_IsCaptionedByAWorkerAndListed()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, firing, _) = await CommandRun.Of("schedules", "run", "pictures", "--config", Sample, "--store", folder["store"]);
        exitCode.ShouldBe(0);
        firing.Trim().ShouldEndWith("-manual");
        (await CommandRun.Of("schedules", "run", "pictures", "--config", Sample, "--store", folder["store"])).ExitCode.ShouldBe(3);

        await WorkAsync(folder["store"], Path.Combine(folder["store"], "captions", $"pictures-{firing.Trim()}.jsonl"));

        var memo = JsonElement.Parse(await File.ReadAllBytesAsync(Path.Combine(folder["store"], "captions", "sample-memo.png.json"), Token));
        memo.GetProperty("answer").GetString().ShouldBe(ReferenceOf("sample-memo"));
        var (_, listed, _) = await CommandRun.Of("schedules", "list", "--json", "--config", Sample, "--store", folder["store"]);
        JsonElement.Parse(Encoding.UTF8.GetBytes(listed)).GetProperty("schedules")[0].GetProperty("captioned").GetInt32().ShouldBe(8);
        (await CommandRun.Of("schedules", "list", "--config", Sample, "--store", folder["store"])).Output.ShouldContain("8 captioned, 0 to be tried again, 0 given up");
    }

    [Fact]
    public async Task Run_ScheduleThatIsNot_NamesThoseThatAre()
    {
        var (exitCode, _, error) = await CommandRun.Of("schedules", "run", "letters", "--config", Sample);

        exitCode.ShouldBe(2);
        error.ShouldContain("there is no schedule 'letters'; the configuration has pictures.");
    }

    private static async Task WorkAsync(string store, string file)
    {
        var configuration = ConfigurationFile.Read(Sample, serves: true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = new WorkerHostOptions
        {
            Broker = null,
            Store = BlobStoreLocation.Parse(store),
            Worker = configuration.Worker,
            Schedules = configuration.Schedules,
            Port = 0,
        };
        var model = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");
        var worker = new WorkerHost(options, (loggers, token) => Task.Run<IInferenceEngine>(
            () => InferenceEngine.Load(model, BackendFactory.Cpu(configuration, NullLoggerFactory.Instance), configuration.Engine), token)).RunAsync(stop.Token);
        var state = Path.Combine(store, "schedules", "pictures", "state.json");
        while (!File.Exists(file) || (await File.ReadAllTextAsync(state, Token)).Contains("\"firing\"", StringComparison.Ordinal))
        {
            if (worker.IsCompleted) await worker;
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        }

        await stop.CancelAsync();
        await worker;
    }

    private static string ReferenceOf(string name) =>
        File.ReadLines(Path.Combine(SharedFolder.Repository, "samples", "jobs", "demo-reference.jsonl"))
            .Select(line => JsonElement.Parse(Encoding.UTF8.GetBytes(line)))
            .Single(line => line.GetProperty("custom_id").GetString() == name).GetProperty("content").GetString()!;
}
