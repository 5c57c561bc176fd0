using Dray.Cli.Doctor;

namespace Dray.Cli.Terminal;

/// <summary>What the checks found, a line each, with what to do below it.</summary>
internal static class DoctorReport
{
    private const int SubjectWidth = 15;

    public static void Write(IReadOnlyList<CheckResult> results, TextWriter output)
    {
        var findings = results.SelectMany(result => result.Findings).ToList();
        foreach (var finding in findings)
        {
            output.WriteLine($"{NameOf(finding.Verdict),-8} {finding.Subject.PadRight(SubjectWidth)} {finding.Message}");
            if (finding.Remedy is { } remedy) output.WriteLine($"{"",-8} {"",-SubjectWidth} -> {remedy}");
        }

        var (problems, warnings) = (Count(Verdict.Problem), Count(Verdict.Warning));
        output.WriteLine(problems + warnings == 0
            ? "Everything is well. Next: dray run samples/jobs/demo.jsonl"
            : $"{problems} problem(s), {warnings} warning(s).");

        int Count(Verdict verdict) => findings.Count(finding => finding.Verdict == verdict);
    }

    /// <summary>The word for a verdict.</summary>
    public static string NameOf(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Warning => "warning",
        _ => "problem",
    };
}
