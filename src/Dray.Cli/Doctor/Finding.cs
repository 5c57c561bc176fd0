namespace Dray.Cli.Doctor;

/// <summary>What a check found out about one thing.</summary>
/// <param name="Subject">What was looked at, such as <c>memory</c>.</param>
/// <param name="Verdict">How it is.</param>
/// <param name="Message">What was seen, without secrets.</param>
/// <param name="Remedy">What to do next; null where nothing is to be done.</param>
internal sealed record Finding(string Subject, Verdict Verdict, string Message, string? Remedy = null)
{
    public static Finding Ok(string subject, string message) => new(subject, Verdict.Ok, message);

    public static Finding Warn(string subject, string message, string remedy) => new(subject, Verdict.Warning, message, remedy);

    public static Finding Fail(string subject, string message, string remedy) => new(subject, Verdict.Problem, message, remedy);
}
