namespace Dray.Cli.Doctor;

/// <summary>How something is, the worst last.</summary>
internal enum Verdict
{
    /// <summary>Nothing to do.</summary>
    Ok,

    /// <summary>It works, but not as well as it could, or not for long.</summary>
    Warning,

    /// <summary>It doesn't work.</summary>
    Problem,
}
