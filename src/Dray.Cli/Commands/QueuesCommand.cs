using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dray.Worker.Transport;

namespace Dray.Cli.Commands;

/// <summary><c>dray queues</c>: how full the broker's queues are.</summary>
internal static class QueuesCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command(
            "queues", "Show how full each queue is and who takes from it; exits with 1 where failed messages wait in one.") { json };
        var services = ClientOptions.Of(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var broker = await services.ConnectAsync(parsed, cancellationToken);
            var queues = await broker.ListAsync(cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(ToJson(queues).ToJsonString());
            else await WriteAsync(queues, output);
            var failed = queues.Where(HasFailures).ToArray();
            foreach (var queue in failed)
                await parsed.InvocationConfiguration.Error.WriteLineAsync(
                    $"Failed messages wait in {queue.Queue}; once what made them fail is mended, 'dray requeue {queue.Queue}' sends them back.");
            return failed.Length > 0 ? ExitCode.SomeRowsFailed : ExitCode.Done;
        });
        return command;
    }

    private static bool HasFailures(QueueDepth queue) => queue is { IsFailure: true, Messages: > 0 };

    private static JsonObject ToJson(IReadOnlyList<QueueDepth> queues) => new()
    {
        ["queues"] = new JsonArray([.. queues.Where(queue => queue.Messages is not null).Select(queue => new JsonObject
        {
            ["queue"] = queue.Queue,
            ["ready"] = queue.Messages,
            ["consumers"] = queue.Consumers,
            ["failure"] = queue.IsFailure,
        })]),
    };

    private static async Task WriteAsync(IReadOnlyList<QueueDepth> queues, TextWriter output)
    {
        // Queues for failures come into being with their first message.
        var there = queues.Where(queue => queue.Messages is not null).ToArray();
        var width = there.Max(queue => queue.Queue.Length);
        await output.WriteLineAsync($"{"queue".PadRight(width)}  {"ready",9}  {"consumers",9}");
        foreach (var queue in there)
        {
            var mark = HasFailures(queue) ? "  failed messages" : "";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{queue.Queue.PadRight(width)}  {queue.Messages,9}  {queue.Consumers,9}{mark}"));
        }
    }
}
