using System.Text.Json;

namespace Dray.Cli.Tests;

/// <summary>Every sample is run by a test, so that what a reader tries works.</summary>
public sealed class SampleTests
{
    private static readonly string Samples = Path.Combine(SharedFolder.Repository, "samples");

    /// <summary>Which test runs what is in a folder, by the folder's path below samples/.</summary>
    private static readonly Dictionary<string, string> RunBy = new()
    {
        ["calibration"] = "tests/Dray.Quantization.Tests/Calibration/CalibrationLoaderTests.cs",
        ["clients"] = "tests/Dray.Cli.Tests/Serve/SampleClientTests.cs",
        ["configs"] = "tests/Dray.Cli.Tests/SampleTests.cs",
        ["extensions-ai"] = "tests/Dray.Extensions.AI.Tests/SampleTests.cs",
        ["labelling"] = "tests/Dray.Cli.Tests/Commands/LabelCommandTests.cs",
        ["models/dray-demo"] = "tests/Dray.Cli.Tests/Commands/InspectCommandTests.cs",
        ["producers"] = "tests/Dray.Cli.Tests/Deploy/ProducerProgram.cs",
        ["producers/csharp"] = "tests/Dray.Cli.Tests/Deploy/ProducerProgram.cs",
        ["producers/curl"] = "tests/Dray.Cli.Tests/Deploy/ProducerProgram.cs",
        ["producers/node"] = "tests/Dray.Cli.Tests/Deploy/ProducerProgram.cs",
        ["producers/python"] = "tests/Dray.Cli.Tests/Deploy/ProducerProgram.cs",
        ["schedules"] = "tests/Dray.Cli.Tests/Commands/SchedulesCommandTests.cs",
        ["structured-output"] = "tests/Dray.Cli.Tests/SampleTests.cs",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Samples_EveryFolderWithAReadme_IsRunByATest()
    {
        var folders = Directory.EnumerateFiles(Samples, "README.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Samples, Path.GetDirectoryName(file)!).Replace('\\', '/'))
            .Where(folder => folder != "." && !folder.Split('/').Contains("node_modules")).Order().ToArray();

        folders.ShouldBe(RunBy.Keys.Order().ToArray());
        foreach (var (folder, test) in RunBy)
        {
            var file = Path.Combine(SharedFolder.Repository, test);
            File.Exists(file).ShouldBeTrue(test);
            File.ReadAllText(file).Contains(folder.Split('/')[^1], StringComparison.Ordinal).ShouldBeTrue($"{test} doesn't name {folder}.");
        }
    }

    [Fact]
    public async Task SamplesReadme_EveryFolder_IsListed()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Samples, "README.md"), Token);

        foreach (var folder in Directory.GetDirectories(Samples).Select(folder => Path.GetFileName(folder))) readme.ShouldContain($"]({folder}");
    }

    [Fact]
    public async Task StructuredOutput_Jobs_AllHaveTheFormTheyAskFor()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of(
            "run", Path.Combine(Samples, "structured-output", "jobs.jsonl"), "--output", folder.Path, "--config", Path.Combine(Samples, "configs", "demo.yaml"));

        run.ExitCode.ShouldBe(0, run.Error);
        var rows = await File.ReadAllLinesAsync(folder["output.jsonl"], Token);
        rows.Length.ShouldBe((await File.ReadAllLinesAsync(Path.Combine(Samples, "structured-output", "jobs.jsonl"), Token)).Length);
        rows.Select(Finish).ShouldAllBe(reason => reason == "stop" || reason == "tool_calls");
    }

    private static string Finish(string row) => JsonElement.Parse(row)
        .GetProperty("response").GetProperty("body").GetProperty("choices")[0].GetProperty("finish_reason").GetString()!;
}
