using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

public sealed class EvalCommandTests
{
    [Fact]
    public async Task Perplexity_ShortText_CountsTokensByBothMethods()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], string.Concat(Enumerable.Repeat("An invoice from Nova Energy. ", 40)), TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("eval", "perplexity", "--text", folder["text.txt"], "--ctx", "64", "--chunks", "2", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var report = JsonElement.Parse(run.Output);
        (report.GetProperty("chunks").GetInt32(), report.GetProperty("tokens").GetInt32()).ShouldBe((2, 62));
        report.GetProperty("all_positions").GetProperty("tokens").GetInt32().ShouldBe(126);
        report.GetProperty("perplexity").GetDouble().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Perplexity_Terminal_ShowsHowFarItIs()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], string.Concat(Enumerable.Repeat("An invoice from Nova Energy. ", 40)), TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("eval", "perplexity", "--text", folder["text.txt"], "--ctx", "64", "--chunks", "2", "--bos");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain("Perplexity: 0 of 2 chunks");
        run.Error.ShouldContain("Perplexity: 2 of 2 chunks");
        run.Output.ShouldContain("62 tokens");
    }

    [Fact]
    public async Task Perplexity_NoSuchText_IsRefused()
    {
        var run = await CommandRun.Of("eval", "perplexity", "--text", "no-such-text.txt");

        run.ExitCode.ShouldBe(3);
        run.Error.ShouldContain("no-such-text.txt");
    }

    [Fact]
    public async Task Perplexity_ChunkLongerThanTheContext_SaysWhatToChange()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], new string('a', 400_000), TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("eval", "perplexity", "--text", folder["text.txt"], "--ctx", "40000");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("A chunk has 40000 tokens, but the model's context only");
    }

    [Fact]
    public async Task Kld_ModelWithItself_IsZeroInTheContractsKeys()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], string.Concat(Enumerable.Repeat("An invoice from Nova Energy. ", 40)), TestContext.Current.CancellationToken);
        var demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

        var run = await CommandRun.Of("eval", "kld", "--model", demo, "--base", demo, "--text", folder["text.txt"], "--ctx", "64", "--chunks", "2", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var report = JsonElement.Parse(run.Output);
        foreach (var part in new[] { report, report.GetProperty("top20") })
        {
            foreach (var key in new[] { "mean", "median", "p95", "p99", "delta_p_rms" }) part.GetProperty(key).GetDouble().ShouldBe(0);
            (part.GetProperty("same_top_p").GetDouble(), part.GetProperty("positions").GetInt32()).ShouldBe((100, 64));
        }
    }

    [Fact]
    public async Task Kld_NeitherBaseNorLogits_SaysWhatToGive()
    {
        var run = await CommandRun.Of("eval", "kld", "--text", "text.txt");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("Give either --base, a checkpoint, or --base-logits");
    }

    [Fact]
    public async Task Kld_SavedLogitsOfTheModelItself_IsAlmostZero()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], string.Concat(Enumerable.Repeat("An invoice from Nova Energy. ", 40)), TestContext.Current.CancellationToken);
        string[] text = ["--text", folder["text.txt"], "--ctx", "64", "--chunks", "2"];
        var saved = await CommandRun.Of(["eval", "logits", "--output", folder["base.logits"], .. text, "--json"]);
        saved.ExitCode.ShouldBe(0, saved.Error);
        JsonElement.Parse(saved.Output).GetProperty("bytes").GetInt64().ShouldBe(new FileInfo(folder["base.logits"]).Length);

        var run = await CommandRun.Of(["eval", "kld", "--base-logits", folder["base.logits"], .. text, "--json"]);
        var other = await CommandRun.Of(["eval", "kld", "--base-logits", folder["text.txt"], .. text]);

        run.ExitCode.ShouldBe(0, run.Error);
        JsonElement.Parse(run.Output).GetProperty("mean").GetDouble().ShouldBeLessThan(1e-6);
        other.ExitCode.ShouldBe(3);
        other.Error.ShouldContain("is no file of saved logits");
    }

    [Fact]
    public async Task GenerationKld_TwoLengths_PrintsTheContractsKeys()
    {
        var demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

        var run = await CommandRun.Of(
            "eval", "generation-kld", "--model", demo, "--base", demo, "--prompt-lengths", "16,30", "--gen", "4", "--prompts", "2", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var json = JsonElement.Parse(run.Output);
        (json.GetProperty("gen").GetInt32(), json.GetProperty("prompts_per_length").GetInt32()).ShouldBe((4, 2));
        foreach (var length in new[] { "16", "30" })
        {
            var figures = json.GetProperty("lengths").GetProperty(length);
            foreach (var key in new[] { "step0", "mean", "later_mean" }) figures.GetProperty(key).GetDouble().ShouldBeLessThan(1e-6);
            figures.GetProperty("steps").GetArrayLength().ShouldBe(4);
        }
    }

    [Theory]
    [InlineData("--prompt-lengths", "a", "--prompt-lengths is 'a', but it must be numbers with commas between them, such as 1,8,32.")]
    [InlineData("--gen", "0", "The tokens to generate are 0, but they must be from 1 to 4096.")]
    [InlineData("--prompts", "0", "The prompts of each length are 0, but they must be from 1 to 64.")]
    public async Task GenerationKld_WrongNumber_ExitsWithASentence(string option, string value, string sentence)
    {
        var demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

        var run = await CommandRun.Of("eval", "generation-kld", "--model", demo, "--base", demo, option, value);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain(sentence);
    }

    [Fact]
    public async Task Report_DemoModelWithItself_WritesTablesPlotsAndNumbers()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], string.Concat(Enumerable.Repeat("An invoice from Nova Energy. ", 40)), TestContext.Current.CancellationToken);
        var demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");
        string[] arguments =
        [
            "eval", "report", "--model", demo, "--base", demo, "--text", folder["text.txt"], "--output", folder["report"], "--ctx", "64", "--chunks", "2",
            "--prompt-lengths", "16,30", "--gen", "4", "--prompts", "1", "--skip", "throughput", "--json",
        ];

        var run = await CommandRun.Of(arguments);
        var again = await CommandRun.Of(arguments);

        run.ExitCode.ShouldBe(0, run.Error);
        again.ExitCode.ShouldBe(0, again.Error);
        var json = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder["report"], "report.json"), TestContext.Current.CancellationToken));
        json.GetProperty("kld").GetProperty("mean").GetDouble().ShouldBe(0);
        json.GetProperty("perplexity").GetProperty("base").GetProperty("perplexity").GetDouble()
            .ShouldBe(json.GetProperty("perplexity").GetProperty("model").GetProperty("perplexity").GetDouble());
        json.TryGetProperty("throughput", out _).ShouldBeFalse();
        var card = await File.ReadAllTextAsync(Path.Combine(folder["report"], "README.md"), TestContext.Current.CancellationToken);
        card.ShouldContain("# dray-demo, measured against dray-demo");
        foreach (var plot in new[] { "kld-histogram.png", "generation-kld.png" })
        {
            card.ShouldContain($"]({plot})");
            (await File.ReadAllBytesAsync(Path.Combine(folder["report"], plot), TestContext.Current.CancellationToken)).AsSpan(1, 3).ToArray().ShouldBe("PNG"u8.ToArray());
        }

        Directory.Exists(folder["report"] + ".partial").ShouldBeFalse();
    }

    [Fact]
    public async Task Report_OnlyThroughput_HasTheTwoLevels()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], "Not read.", TestContext.Current.CancellationToken);
        var demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

        var run = await CommandRun.Of(
            "eval", "report", "--model", demo, "--base", demo, "--text", folder["text.txt"], "--output", folder["report"], "--skip", "perplexity", "--skip", "kld",
            "--skip", "generation-kld");

        run.ExitCode.ShouldBe(0, run.Error);
        var json = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder["report"], "report.json"), TestContext.Current.CancellationToken));
        json.GetProperty("throughput").GetProperty("results").EnumerateArray().Select(level => level.GetProperty("concurrency").GetInt32()).ShouldBe([1, 32]);
        run.Error.ShouldContain("Throughput, 32 at once: 64 of 64 requests");
    }

    [Fact]
    public async Task Report_SomethingElseAtTheOutput_IsLeftAlone()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], "Mine.", TestContext.Current.CancellationToken);
        var demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

        var run = await CommandRun.Of(
            "eval", "report", "--model", demo, "--base", demo, "--text", folder["text.txt"], "--output", Path.GetDirectoryName(folder["text.txt"])!);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("is there already and is no report");
        File.Exists(folder["text.txt"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Perplexity_KvCacheDtype_ChangesTheFigureALittle()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], string.Concat(Enumerable.Repeat("An invoice from Nova Energy. ", 40)), TestContext.Current.CancellationToken);
        var figures = new List<double>();
        foreach (var dtype in (string[])["fp32", "bf16", "fp8_e4m3"])
        {
            var run = await CommandRun.Of("eval", "perplexity", "--text", folder["text.txt"], "--ctx", "64", "--chunks", "1", "--kv-cache-dtype", dtype, "--json");
            run.ExitCode.ShouldBe(0, run.Error);
            figures.Add(JsonElement.Parse(run.Output).GetProperty("perplexity").GetDouble());
        }

        figures.Distinct().Count().ShouldBe(3);
        (figures[1] / figures[0]).ShouldBe(1, 0.01);
        (figures[2] / figures[0]).ShouldBe(1, 0.1);
    }

    [Fact]
    public async Task Perplexity_UnknownKvCacheDtype_SaysWhatThereIs()
    {
        var run = await CommandRun.Of("eval", "perplexity", "--text", "text.txt", "--kv-cache-dtype", "int8");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("'int8'; give auto, fp8_e4m3, bf16 or fp32");
    }

    [Fact]
    public async Task Perplexity_TextShorterThanAChunk_SaysWhatToChange()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], "Too short.", TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("eval", "perplexity", "--text", folder["text.txt"]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("--ctx");
    }
}
