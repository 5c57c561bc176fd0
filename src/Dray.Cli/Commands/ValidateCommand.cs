using System.CommandLine;
using System.Text.Json.Nodes;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference;
using Dray.Worker.Client;

namespace Dray.Cli.Commands;

/// <summary><c>dray validate</c>: checks every row of an input without running it.</summary>
internal static class ValidateCommand
{
    private const int DefaultMaxProblems = 100;

    public static Command Create()
    {
        var jobs = new Argument<string>("JOBS.jsonl") { Description = "Rows to check, in OpenAI's batch format. Relative picture paths are resolved against its folder." };
        var maxProblems = new Option<int>("--max-problems")
        {
            Description = $"The most problems to print; all are counted. Default: {DefaultMaxProblems}.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultMaxProblems,
        };
        maxProblems.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0) result.AddError("--max-problems must be at least 0.");
        });
        var speed = new Option<double?>("--tok-s")
        {
            Description = "Tokens that your workers generate per second altogether, for an estimate of the longest time. Default: no such estimate.",
            HelpName = "N",
        };
        speed.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } given && !(given > 0 && double.IsFinite(given))) result.AddError("--tok-s must be above 0 tokens per second.");
        });
        var measure = new Option<int?>("--measure")
        {
            Description = "Run the first N rows that are fine on this machine, and estimate the time of all from them. Default: run nothing.",
            HelpName = "N",
        };
        measure.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 10_000) result.AddError("--measure must be 1 to 10000 rows.");
        });
        var json = CommonOptions.Json();
        var command = new Command("validate", "Check every row without running it, and count the tokens; exits with 1 where rows would fail.")
        {
            jobs, maxProblems, speed, measure, json,
        };
        var configured = ConfigurationOptions.OfEngine(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = parsed.InvocationConfiguration;
            using var loggers = new TextLoggerFactory(terminal.Error);
            var configuration = configured.Resolve(parsed, loggers);
            var file = parsed.GetRequiredValue(jobs);
            var (most, asJson) = (parsed.GetValue(maxProblems), parsed.GetValue(json));
            var listed = new List<InputProblem>();
            var refused = new HashSet<long>();
            await using var engine = PreflightEngine.Load(configuration.Model!, configuration.Engine);
            var report = await new InputValidator(engine, configuration.Worker).ValidateAsync(
                file,
                problem =>
                {
                    refused.Add(problem.Line);
                    if (listed.Count == most) return;
                    listed.Add(problem);
                    if (!asJson) terminal.Output.WriteLine(ValidateReport.Describe(problem));
                },
                cancellationToken);
            TimeSpan? longest = parsed.GetValue(speed) is { } rate ? TimeSpan.FromSeconds(Math.Min(report.MaxCompletionTokens / rate, TimeSpan.MaxValue.TotalSeconds / 2)) : null;
            var sample = parsed.GetValue(measure) is { } rows && report.Runs > 0
                ? await new RowSample(file, configuration, loggers).RunAsync(rows, refused, cancellationToken)
                : null;
            if (asJson) await terminal.Output.WriteLineAsync(ToJson(report, listed, longest, sample).ToJsonString());
            else await ValidateReport.WriteAsync(report, listed.Count, longest, sample, terminal.Output);
            return report.Refused > 0 ? ExitCode.SomeRowsFailed : ExitCode.Done;
        });
        return command;
    }

    private static JsonObject ToJson(InputReport report, List<InputProblem> listed, TimeSpan? longest, RowSampleResult? sample)
    {
        var codes = new JsonObject();
        foreach (var (code, count) in report.Codes) codes[code] = count;
        return new JsonObject
        {
            ["rows"] = report.Rows,
            ["refused"] = report.Refused,
            ["repeated"] = report.Repeated,
            ["prompt_tokens"] = new JsonObject
            {
                ["total"] = report.PromptTokens,
                ["max"] = report.LongestPrompt,
                ["max_line"] = report.LongestPromptLine,
                ["mean"] = Math.Round(report.MeanPrompt, 1),
            },
            ["max_completion_tokens"] = report.MaxCompletionTokens,
            ["codes"] = codes,
            ["problems"] = new JsonArray([.. listed.Select(problem => new JsonObject
            {
                ["line"] = problem.Line,
                ["custom_id"] = problem.CustomId,
                ["code"] = problem.Code,
                ["message"] = problem.Message,
                ["param"] = problem.Param,
            })]),
            ["longest_s"] = longest is { } time ? Math.Round(time.TotalSeconds, 1) : null,
            ["estimate_s"] = sample is { } measured ? Math.Round(measured.Estimate(report.Runs).TotalSeconds, 1) : null,
            ["measured_rows"] = sample?.Rows,
            ["measured_tok_s"] = sample is { } run ? Math.Round(run.CompletionTokensPerSecond, 2) : null,
        };
    }
}
