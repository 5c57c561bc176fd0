namespace Dray.Cli.Doctor;

/// <summary>What a check found.</summary>
internal sealed record CheckResult(Check Check, IReadOnlyList<Finding> Findings)
{
    public Verdict Verdict => Findings.Max(finding => finding.Verdict);
}
