using System.CommandLine;
using System.Reflection;
using Dray.Cli.Terminal;
using Dray.Inference;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Tokenization;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray eval report</c>: all that a model card tells of a checkpoint, measured against its base.</summary>
internal sealed class EvalReportCommand
{
    private const int PromptTokens = 128;

    private static readonly string[] Sections = ["perplexity", "kld", "generation-kld", "throughput"];

    private readonly Option<string> _base = new("--base") { Description = "Folder of the checkpoint to compare with.", HelpName = "DIR", Required = true };
    private readonly Option<string> _output = new("--output") { Description = "Folder to write; a report that is there is replaced.", HelpName = "DIR", Required = true };

    private readonly Option<string[]> _skip = new("--skip")
    {
        Description = "Leave out a section; may be given several times. Default: none.",
        HelpName = string.Join('|', Sections),
    };

    private readonly EvalTextOptions _text;
    private readonly EvalGenerationOptions _generation;
    private readonly EvalOptions _options;

    private EvalReportCommand(Command command)
    {
        foreach (var option in (Option[])[_base, _output, _skip.AcceptOnlyFromAmong(Sections)]) command.Add(option);
        _text = new EvalTextOptions(command);
        _generation = new EvalGenerationOptions(command);
        _options = new EvalOptions(command);
        command.SetAction(RunAsync);
    }

    public static Command Create()
    {
        var command = new Command("report", "Measure a checkpoint against its base as a model card tells it: README.md, plots and report.json.");
        _ = new EvalReportCommand(command);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var generation = _generation.Read(parsed);
        var output = parsed.GetRequiredValue(_output);
        var report = await _options.RunAsync(parsed, async session =>
        {
            using var folder = ReportFolder.Begin(output);
            var report = await MeasureAsync(session, parsed, generation, cancellationToken);
            report.Write(folder);
            folder.Complete();
            return report;
        });
        var terminal = parsed.InvocationConfiguration;
        await terminal.Output.WriteLineAsync(_options.IsJson(parsed) ? report.ToJson().ToJsonString() : Path.Combine(output, "README.md"));
        return ExitCode.Done;
    }

    private async Task<EvaluationReport> MeasureAsync(EvalSession session, ParseResult parsed, GenerationKldOptions generation, CancellationToken cancellationToken)
    {
        var reference = parsed.GetRequiredValue(_base);
        var skipped = parsed.GetValue(_skip) ?? [];
        var report = new EvaluationReport
        {
            Model = NameOf(session.Folder),
            Base = NameOf(reference),
            Bytes = (BytesOf(session.Folder), BytesOf(reference)),
            Text = Path.GetFileName(_text.FileOf(parsed)),
            Machine = $"{CpuBackend.Processor}, {session.Backend.Name}",
            Version = Version,
        };
        if (!skipped.Contains("perplexity") || !skipped.Contains("kld")) report = MeasureText(report, session, parsed, skipped, cancellationToken);
        if (!skipped.Contains("generation-kld"))
        {
            var trajectories = EvalGenerationKldCommand.Generate(session, reference, _text.FileOf(parsed), generation, cancellationToken);
            using var model = session.Load();
            report = report with { Generation = new GenerationKldEvaluator(model).Evaluate(trajectories, session.Progress, cancellationToken) };
        }

        return skipped.Contains("throughput") ? report : report with { Throughput = await MeasureThroughputAsync(session, cancellationToken) };
    }

    private EvaluationReport MeasureText(
        EvaluationReport report, EvalSession session, ParseResult parsed, string[] skipped, CancellationToken cancellationToken)
    {
        using var reference = session.Load(parsed.GetRequiredValue(_base));
        using var model = session.Load();
        var text = _text.Read(parsed, reference, model);
        if (!skipped.Contains("perplexity"))
        {
            var before = new PerplexityEvaluator(reference).Evaluate(text, session.Progress, cancellationToken);
            report = report with { Perplexity = (new PerplexityEvaluator(model).Evaluate(text, session.Progress, cancellationToken), before) };
        }

        return skipped.Contains("kld") ? report : report with { Kld = new KldEvaluator(reference, model).Evaluate(text, session.Progress, cancellationToken) };
    }

    private static async Task<ThroughputReport> MeasureThroughputAsync(EvalSession session, CancellationToken cancellationToken)
    {
        var options = new ThroughputOptions();
        var prompts = new SyntheticPrompts(TekkenTokenizer.Load(Path.Combine(session.Folder, "tekken.json")), PromptTokens);

        // The engine keeps its backend.
        var backend = BackendFactory.Create(session.Configuration, session.Loggers);
        await using var engine = InferenceEngine.Load(session.Folder, backend, session.Configuration.Engine, session.Loggers);
        var levels = await new ThroughputBenchmark(engine, prompts).RunAsync(options, new ThroughputStage(session.Progress), cancellationToken);
        return new ThroughputReport(engine.Model, options, prompts.Tokens, levels, engine.Statistics.MeanPrefillFill);
    }

    private static string Version =>
        typeof(EvalReportCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    private static long BytesOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*.safetensors").Sum(file => file.Length);
}
