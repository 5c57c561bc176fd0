using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dray.Cli.Configuration;
using Dray.Worker.Schedules;
using Dray.Worker.Storage;

namespace Dray.Cli.Commands;

/// <summary><c>dray schedules</c>: where the schedules of a configuration are, and firing one now.</summary>
internal static class SchedulesCommand
{
    public static Command Create()
    {
        var command = new Command("schedules", "Show the schedules of a configuration, or fire one now; workers do what there is to do.")
        {
            CreateList(),
            CreateRun(),
        };
        return command;
    }

    private static Command CreateList()
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "Show when each schedule fires next, and what its last firing came to.") { json };
        var configured = ConfigurationOptions.OfClient(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var configuration = configured.Resolve(parsed);
            await using var overview = await ScheduleOverview.OpenAsync(LocationOf(configuration), TimeProvider.System, cancellationToken);
            var found = new List<ScheduleStatus>();
            foreach (var schedule in Named(configuration)) found.Add(await overview.ReadAsync(schedule, cancellationToken));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(new JsonObject { ["schedules"] = new JsonArray([.. found.Select(ToJson)]) }.ToJsonString());
            else await WriteAsync(found, output);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateRun()
    {
        var name = new Argument<string>("NAME") { Description = "The schedule." };
        var command = new Command("run", "Fire a schedule now. A worker with the same configuration goes on with it within seconds.") { name };
        var configured = ConfigurationOptions.OfClient(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var configuration = configured.Resolve(parsed);
            var wanted = parsed.GetRequiredValue(name);
            var schedule = Named(configuration).FirstOrDefault(schedule => schedule.Name == wanted)
                ?? throw new CommandException(
                    ExitCode.Usage,
                    $"there is no schedule '{ConfigurationText.Quote(wanted)}'; the configuration has {string.Join(", ", configuration.Schedules.Select(known => known.Name))}.");
            await using var overview = await ScheduleOverview.OpenAsync(LocationOf(configuration), TimeProvider.System, cancellationToken);
            var firing = await overview.FireAsync(schedule, cancellationToken)
                ?? throw new CommandException(
                    ExitCode.InputRefused, $"the schedule '{schedule.Name}' is at a firing already; wait until 'dray schedules list' shows that it has ended.");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(firing);
            return ExitCode.Done;
        });
        return command;
    }

    private static BlobStoreLocation LocationOf(DrayConfiguration configuration) => ServiceAddresses.NamesBroker(configuration)
        ? ServiceAddresses.LocationOf(configuration)
        : ServiceAddresses.LocationOf(configuration, HostedWorker.LocalStore);

    private static IReadOnlyList<ScheduleOptions> Named(DrayConfiguration configuration) => configuration.Schedules is { Count: > 0 } schedules
        ? schedules
        : throw new CommandException(ExitCode.Usage, "the configuration has no schedules; name one that has with --config.");

    private static JsonObject ToJson(ScheduleStatus status) => new()
    {
        ["name"] = status.Name,
        ["next"] = Time(status.Next),
        ["firing"] = status.Firing,
        ["last"] = status.LastDue is null ? null : new JsonObject
        {
            ["due"] = Time(status.LastDue),
            ["ended_at"] = Time(status.LastEndedAt),
            ["captioned"] = status.Captioned,
            ["failed"] = status.Failed,
            ["given_up"] = status.GivenUp,
        },
        ["captioned"] = status.TotalCaptioned,
        ["to_retry"] = status.TotalToRetry,
        ["given_up"] = status.TotalGivenUp,
    };

    private static async Task WriteAsync(IReadOnlyList<ScheduleStatus> found, TextWriter output)
    {
        foreach (var status in found)
        {
            await output.WriteLineAsync($"{status.Name}");
            await output.WriteLineAsync($"  next firing    {Time(status.Next) ?? "never"}");
            if (status.Firing is { } firing) await output.WriteLineAsync($"  running        {firing}");
            await output.WriteLineAsync(status.LastDue is null
                ? "  last firing    none yet"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"  last firing    {Time(status.LastDue)}: {status.Captioned} captioned, {status.Failed} failed, {status.GivenUp} of them for good"));
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"  pictures       {status.TotalCaptioned} captioned, {status.TotalToRetry} to be tried again, {status.TotalGivenUp} given up"));
        }
    }

    private static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
