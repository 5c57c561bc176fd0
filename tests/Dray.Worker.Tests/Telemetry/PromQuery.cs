using System.Text.RegularExpressions;

namespace Dray.Worker.Tests.Telemetry;

/// <summary>Which metrics a PromQL expression asks for, and which metrics an exposition offers.</summary>
internal static partial class PromQuery
{
    public static IEnumerable<string> MetricsOf(string expression) =>
        Name().Matches(Aside().Replace(expression, " ")).Select(match => match.Value);

    public static HashSet<string> MetricsIn(string exposition) =>
        [.. exposition.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('{', ' ')[0])];

    // Strings, label matchers, ranges and groupings name no metric.
    [GeneratedRegex("""\{[^}]*\}|"[^"]*"|\[[^\]]*\]|\b(by|without|on|ignoring)\s*\([^)]*\)""")]
    private static partial Regex Aside();

    [GeneratedRegex(@"\b[a-z][a-z0-9]*(_[a-z0-9]+)+\b(?!\s*\()")]
    private static partial Regex Name();
}
