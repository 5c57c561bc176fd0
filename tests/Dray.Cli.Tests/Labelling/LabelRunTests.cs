using System.Globalization;
using Dray.Cli.Configuration;
using Dray.Cli.Labelling;
using Dray.Inference;
using Dray.Worker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dray.Cli.Tests.Labelling;

/// <summary>Runs in several parts on an engine that says the prompt back.</summary>
public sealed class LabelRunTests : IDisposable
{
    private const int Rows = 25;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_Interrupted_AsksOnlyTheRestTheNextTime()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = new EngineFake
        {
            Before = async (prompt, _) =>
            {
                if (prompt == "? row 18") await stop.CancelAsync();
            },
        };
        await Should.ThrowAsync<OperationCanceledException>(() => RunAsync(first, "? {{text}}", stop.Token));
        File.Exists(_folder["out.csv"]).ShouldBeFalse();

        var second = new EngineFake();
        var summary = await RunAsync(second, "? {{text}}", Cancellation);

        second.Calls.Keys.ShouldNotContain(prompt => Number(prompt) <= 10, "the first part was done");
        second.Calls.Keys.ShouldContain("? row 25");
        summary.Progress.Resumed.ShouldBeGreaterThanOrEqualTo(10);
        Output().ShouldBe(Enumerable.Range(1, Rows).Select(row => $"row {row},? row {row}|,"));
        Directory.Exists(LabelFolder.Of(_folder["out.csv"])).ShouldBeFalse();
    }

    [Fact]
    public async Task Run_OtherPromptAfterAnInterruption_StartsOver()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = new EngineFake
        {
            Before = async (prompt, _) =>
            {
                if (prompt == "? row 18") await stop.CancelAsync();
            },
        };
        await Should.ThrowAsync<OperationCanceledException>(() => RunAsync(first, "? {{text}}", stop.Token));

        var second = new EngineFake();
        await RunAsync(second, "! {{text}}", Cancellation);

        second.Calls.Count.ShouldBe(Rows);
        Output().ShouldBe(Enumerable.Range(1, Rows).Select(row => $"row {row},! row {row}|,"));
    }

    [Fact]
    public async Task Run_RowsThatFail_HaveCodeAndMessageAndNoLabel()
    {
        _folder.Write("data.csv", "text\nfine\nfail\ntoo long\n");

        var summary = await RunAsync(new EngineFake(), "{{text}}", Cancellation);

        summary.Failed.ShouldBe(2);
        summary.Codes.ShouldBe(new Dictionary<string, long> { ["context_length_exceeded"] = 1, ["engine_failure"] = 1 });
        Output().ShouldBe(
        [
            "fine,fine|,",
            "fail,,engine_failure: The engine failed on this row: The kernel gave NaN.",
            "too long,,\"context_length_exceeded: The prompt has 5000 tokens, more than 4096.\"",
        ]);
    }

    [Fact]
    public async Task Run_NoRows_LoadsNoModel()
    {
        _folder.Write("data.csv", "text\n");

        (await RunAsync(null, "{{text}}", Cancellation)).Rows.ShouldBe(0);

        File.ReadAllText(_folder["out.csv"]).ShouldBe("text,label,label_error\n");
    }

    [Fact]
    public async Task Run_OutputThatIsThere_IsKeptWithoutForce()
    {
        _folder.Write("out.csv", "precious");

        var refused = await Should.ThrowAsync<CommandException>(() => RunAsync(null, "{{text}}", Cancellation));

        refused.ExitCode.ShouldBe(ExitCode.Usage);
        refused.Message.ShouldEndWith("exists already; give another --output, or --force to replace it.");
        File.ReadAllText(_folder["out.csv"]).ShouldBe("precious");
    }

    [Theory]
    [InlineData("{{txt}}", "names the column 'txt', which the data doesn't have; its columns are text. Did you mean 'text'?")]
    [InlineData("{{text", @"has '{{' without '}}' after a column's name; close it, or write \{{ for two braces.")]
    [InlineData("  \n", "is empty; write the prompt into it, with columns as {{name}}.")]
    public async Task Run_WrongPrompt_IsRefused(string prompt, string expected) =>
        (await Should.ThrowAsync<CommandException>(() => RunAsync(null, prompt, Cancellation))).Message.ShouldEndWith(expected);

    [Fact]
    public async Task Run_BracesInThePrompt_StandForThemselves()
    {
        _folder.Write("data.csv", "text\nx\n");

        await RunAsync(new EngineFake(), "{\"a\": 1} \\{{text}} {{ text }}\n", Cancellation);

        Output().ShouldBe(["x,\"{\"\"a\"\": 1} {{text}} x|\","]);
    }

    [Fact]
    public async Task Run_ColumnThatIsThere_IsRefused()
    {
        _folder.Write("data.csv", "text,label_error\nx,y\n");
        (await Should.ThrowAsync<CommandException>(() => RunAsync(null, "{{text}}", Cancellation))).Message
            .ShouldBe("The data has a column 'label_error' already; give another name with --column.");
    }

    private static int Number(string prompt) => int.Parse(prompt.Split(' ')[^1], CultureInfo.InvariantCulture);

    private string[] Output() => File.ReadAllLines(_folder["out.csv"])[1..];

    private async Task<LabelSummary> RunAsync(EngineFake? engine, string prompt, CancellationToken cancellationToken)
    {
        if (!File.Exists(_folder["data.csv"])) _folder.Write("data.csv", "text\n" + string.Concat(Enumerable.Range(1, Rows).Select(row => $"row {row}\n")));
        var options = new LabelOptions
        {
            Data = _folder["data.csv"],
            Prompt = _folder.Write("prompt.txt", prompt),
            Column = "label",
            Form = LabelForm.Any,
            MaxTokens = 16,
            Seed = 1,
        };
        var configuration = new DrayConfiguration();
        configuration.Worker.MaxRowsInFlight = 1;
        configuration.Worker.ConcurrentChunks = 1;
        Task<IInferenceEngine> Load(CancellationToken token) => engine is null ? throw new InvalidOperationException("No model is needed.") : Task.FromResult<IInferenceEngine>(engine);
        var run = new LabelRun(LabelJob.Open(options), options, configuration, Load, NullLoggerFactory.Instance) { PartRows = 10 };
        return await run.RunAsync(_folder["out.csv"], force: false, progress: null, cancellationToken);
    }
}
