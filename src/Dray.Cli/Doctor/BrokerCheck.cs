using Dray.Worker.Transport;

namespace Dray.Cli.Doctor;

/// <summary>Whether the broker is there, lets us in, and has the queues that workers expect.</summary>
internal static class BrokerCheck
{
    /// <summary>The first version whose quorum queues do what Dray needs.</summary>
    private static readonly Version Oldest = new(3, 10);

    public static async Task<IReadOnlyList<Finding>> LookAsync(BrokerOptions broker, CancellationToken cancellationToken)
    {
        var report = await BrokerInspector.InspectAsync(broker, cancellationToken);
        return [VersionOf(report, broker), .. QueuesOf(report), .. FailuresOf(report)];
    }

    private static Finding VersionOf(BrokerReport report, BrokerOptions broker)
    {
        var seen = $"{report.Product} {report.Version} at {broker.Display}";
        var number = report.Version.Split('-', '+')[0];
        if (!broker.IsTls && !new Uri(broker.Display).IsLoopback)
            return Finding.Warn("broker", $"{seen}, without encryption", "Use amqps:// where the network isn't your own.");
        return Version.TryParse(number, out var version) && version < Oldest
            ? Finding.Fail("broker", seen, $"Upgrade it to {Oldest} or later: workers need quorum queues that count deliveries.")
            : Finding.Ok("broker", seen);
    }

    private static IEnumerable<Finding> QueuesOf(BrokerReport report)
    {
        foreach (var (queue, reason) in report.Refusals)
            yield return Finding.Fail("queues", $"{queue}: {reason}", "Grant the user configure, write and read on the virtual host; where arguments differ, delete the queue once it is empty, or set the same consumer_timeout.");
        var work = report.Queues.Where(queue => !queue.IsFailure).ToList();
        var missing = work.Count(queue => queue.Messages is null);
        if (missing == work.Count && report.Refusals.Count == 0) yield return Finding.Ok("queues", "none yet: the first worker or 'dray submit' declares them");
        else if (missing > 0) yield return Finding.Warn("queues", $"{missing} of {work.Count} are missing", "Start a worker of this version: it declares them.");
        else yield return Finding.Ok("queues", $"{work.Count} declared, {work.Sum(queue => queue.Messages)} messages wait, {work.Max(queue => queue.Consumers)} workers take from them");
    }

    private static IEnumerable<Finding> FailuresOf(BrokerReport report) => report.Queues
        .Where(queue => queue is { IsFailure: true, Messages: > 0 })
        .Select(queue => Finding.Warn(
            "failed messages", $"{queue.Messages} in {queue.Queue}", $"Read the workers' logs, then 'dray requeue {queue.Queue}' tries them again."));
}
