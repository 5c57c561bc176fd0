namespace Dray.Cli.Doctor;

/// <summary>Makes all checks at once, each for a few seconds at most.</summary>
internal static class Checkup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The results, in the order of the checks.</summary>
    public static Task<CheckResult[]> RunAsync(IEnumerable<Check> checks, CancellationToken cancellationToken) =>
        Task.WhenAll(checks.Select(check => RunAsync(check, cancellationToken)));

    private static async Task<CheckResult> RunAsync(Check check, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return new CheckResult(check, await check.Look(patience.Token).WaitAsync(patience.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"no answer within {Patience.TotalSeconds} s", "Look whether it runs, and whether a firewall is in between.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException && DrayCommandLine.Explain(exception) is { } explained)
        {
            return Failed(explained.Message, check.Remedy);
        }

        CheckResult Failed(string message, string? remedy) => new(check, [new Finding(check.Area, Verdict.Problem, message, remedy)]);
    }
}
