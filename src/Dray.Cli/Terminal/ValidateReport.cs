using System.Globalization;
using Dray.Cli.Commands;
using Dray.Worker.Client;

namespace Dray.Cli.Terminal;

/// <summary>What a check of an input found, in words.</summary>
internal static class ValidateReport
{
    /// <summary>One problem on one line.</summary>
    public static string Describe(InputProblem problem)
    {
        var name = problem.CustomId is { } id ? $" ({id})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"line {problem.Line}{name}: {problem.Code}: {problem.Message.ReplaceLineEndings(" ")}");
    }

    public static async Task WriteAsync(InputReport report, int listed, TimeSpan? longest, RowSampleResult? sample, TextWriter output)
    {
        if (report.Refused > listed)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"... and {report.Refused - listed} more; --max-problems prints more of them"));
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{report.Rows} rows: {report.Runs} would run, {report.Refused} would fail, {report.Repeated} repeat others"));
        if (report.Refused > 0)
            await output.WriteLineAsync("would fail: " + string.Join(", ", report.Codes.Select(code => string.Create(CultureInfo.InvariantCulture, $"{code.Value} {code.Key}"))));
        if (report.Runs == 0) return;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.PromptTokens} prompt tokens: {report.MeanPrompt:F0} on average, {report.LongestPrompt} at most (line {report.LongestPromptLine}); " +
            $"at most {report.MaxCompletionTokens} tokens would be generated"));
        if (longest is { } time) await output.WriteLineAsync($"at most {Text(time)} at that speed");
        if (sample is { } measured)
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"about {Text(measured.Estimate(report.Runs))} on this machine: {measured.Rows} rows took {measured.Elapsed.TotalSeconds:F1} s ({measured.CompletionTokensPerSecond:F0} tokens/s)"));
        }
    }

    private static string Text(TimeSpan time) => time.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:F1} days")
        : time.TotalMinutes >= 1 ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture) + " (h:mm:ss)"
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s");
}
