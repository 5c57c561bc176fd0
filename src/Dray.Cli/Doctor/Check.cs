namespace Dray.Cli.Doctor;

/// <summary>One thing to look at; may look at several sides of it.</summary>
/// <param name="Area">What it is about: <c>machine</c>, <c>model</c>, <c>broker</c> and so on.</param>
/// <param name="ExitCode">How the command ends where it finds a problem.</param>
/// <param name="Look">Looks. What it throws is a problem too.</param>
internal sealed record Check(string Area, int ExitCode, Func<CancellationToken, Task<IReadOnlyList<Finding>>> Look)
{
    /// <summary>Gets what to do where <see cref="Look"/> throws; null where what it throws says so itself.</summary>
    public string? Remedy { get; init; }

    /// <summary>A check that has nothing to wait for.</summary>
    public static Check Of(string area, int exitCode, Func<IReadOnlyList<Finding>> look) => new(area, exitCode, token => Task.Run(look, token));
}
