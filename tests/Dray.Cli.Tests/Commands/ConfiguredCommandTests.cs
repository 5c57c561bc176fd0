using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

public sealed class ConfiguredCommandTests
{
    private static readonly string Samples = Path.Combine(SharedFolder.Repository, "samples");
    private static readonly string Jobs = Path.Combine(Samples, "jobs", "demo.jsonl");
    private static readonly string Card = Path.Combine(Samples, "configs", "mistral-small-24b.yaml");
    private static readonly string Demo = Path.Combine(Samples, "models", "dray-demo");

    [Fact]
    public async Task Run_DemoConfiguration_AnswersEveryRow()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--config", Path.Combine(Samples, "configs", "demo.yaml"), "--output", folder["out"], "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        JsonElement.Parse(run.Output).GetProperty("request_counts").GetProperty("completed").GetInt32().ShouldBe(12);
        Answers.Differences(folder["out", "output.jsonl"], Path.Combine(Samples, "jobs", "demo-reference.jsonl")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_ModelCardWithTheDemoModel_NamesWhatCannotApplyOnceAndServesItsModelNameOnly()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--config", Card, "--model", Demo, "--max-model-len", "4096", "--output", folder["out"]);

        run.ExitCode.ShouldBe(1, run.Error);
        var note = run.Error.Split('\n').Single(line => line.Contains("trust_remote_code", StringComparison.Ordinal));
        note.ShouldEndWith("these keys can't apply here and are left out: host, port, trust_remote_code, disable_custom_all_reduce");
        File.ReadLines(folder["out", "errors.jsonl"]).ShouldAllBe(line => line.Contains("model_not_found", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ModelCardWithTheDemoModel_SaysThatTheContextIsTooLong()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--config", Card, "--model", Demo, "--output", folder["out"]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("max_model_len is 131072, but the checkpoint's context is 32768 tokens.");
    }

    [Fact]
    public async Task Run_OperatorsMaxNewTokens_BoundsEveryAnswer()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["short.yaml"], $"model: {Demo}\nmax_model_len: 2048\noverride_generation_config: {{max_new_tokens: 3}}", TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("run", Jobs, "--config", folder["short.yaml"], "--output", folder["out"]);

        run.ExitCode.ShouldBe(0, run.Error);
        var rows = File.ReadLines(folder["out", "output.jsonl"]).Select(line => JsonElement.Parse(line).GetProperty("response").GetProperty("body")).ToArray();
        rows.Length.ShouldBe(12);
        rows.ShouldAllBe(body => body.GetProperty("usage").GetProperty("completion_tokens").GetInt32() == 3);
    }

    [Fact]
    public async Task Run_CommandLineAndFileDiffer_TheCommandLineHolds()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["dray.yaml"], "model: no-such-folder\nmax_model_len: 99999\ndevice: opencl", TestContext.Current.CancellationToken);

        var run = await CommandRun.Of(
            "run", Jobs, "--config", folder["dray.yaml"], "--model", Demo, "--max-model-len", "4K", "--device", "cpu", "--output", folder["out"], "--json");

        run.ExitCode.ShouldBe(0, run.Error);
    }

    [Theory]
    [InlineData(0, "--image-orientation", "ignore")]
    [InlineData(0, "--kv-cache-dtype", "fp32")]
    [InlineData(2, "--max-num-seqs", "2")]
    public async Task Run_AgainWithAnotherOption_KeepsRowsOnlyWhereAnswersCannotDiffer(int resumed, string option, string value)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["jobs.jsonl"], File.ReadLines(Jobs).Skip(8).Take(2), TestContext.Current.CancellationToken);
        string[] command = ["run", folder["jobs.jsonl"], "--model", Demo, "--max-model-len", "1024", "--output", folder["out"], "--json"];
        await CommandRun.Of(command);

        var again = await CommandRun.Of([.. command, option, value]);

        again.ExitCode.ShouldBe(0, again.Error);
        JsonElement.Parse(again.Output).GetProperty("rows_resumed").GetInt32().ShouldBe(resumed);
    }

    [Theory]
    [InlineData("--max-num-seqs", "none", "dray: --max-num-seqs is none, but it must be a whole number from 1 to 4096.")]
    [InlineData("--threads", "0", "dray: --threads is 0, but it must be a whole number from 1 to 1024.")]
    [InlineData("--image-orientation", "left", "dray: --image-orientation is left, but it must be apply or ignore.")]
    [InlineData("--device", "abacus", "dray: --device is abacus, but it must be auto, cpu, cuda or opencl, or a numbered one such as cuda:1.")]
    [InlineData("--config", "no-such.yaml", "dray: The configuration no-such.yaml can't be read:")]
    public async Task Run_WrongOption_ExitsWithASentence(string option, string value, string sentence)
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--output", folder["out"], option, value);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldStartWith(sentence);
    }

    [Fact]
    public async Task TokenizeAndEval_Configuration_TakeItsModel()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["dray.yaml"], "model: nowhere", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["text.txt"], "text", TestContext.Current.CancellationToken);

        var tokenize = await CommandRun.Of("tokenize", "--config", folder["dray.yaml"], "--text", "x");
        var eval = await CommandRun.Of("eval", "perplexity", "--config", folder["dray.yaml"], "--text", folder["text.txt"]);

        (tokenize.ExitCode, eval.ExitCode).ShouldBe((3, 3));
        tokenize.Error.ShouldContain(folder["nowhere"]);
        eval.Error.ShouldContain(folder["nowhere"]);
    }
}
