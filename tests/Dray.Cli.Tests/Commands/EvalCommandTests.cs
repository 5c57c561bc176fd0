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
