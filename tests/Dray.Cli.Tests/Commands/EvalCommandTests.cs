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
