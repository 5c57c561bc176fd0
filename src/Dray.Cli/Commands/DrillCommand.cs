using System.CommandLine;
using System.Globalization;
using Dray.Cli.Configuration;
using Dray.Cli.Drill;
using Dray.Cli.Terminal;

namespace Dray.Cli.Commands;

/// <summary><c>dray drill</c>: whether a deployment's broker and store keep what a batch is promised, whatever dies.</summary>
internal static class DrillCommand
{
    private const int MostRows = 50_000;

    public static Command Create()
    {
        var workers = Count("--workers", "Workers to start. Default: 3.", 3, 1, 64);
        var rows = Count("--rows", "Rows of the drill's batch, short prompts of its own. Default: 300.", 300, 10, MostRows);
        var kills = Count("--kills", "How often a worker is killed. Default: 6.", 6, 0, 1000);
        var seed = new Option<int?>("--seed") { Description = "What rows, faults and victims are drawn from. Default: another each time; it is printed.", HelpName = "N" };
        var keep = new Option<bool>("--keep") { Description = "Leave the drill's batch in the store." };
        var json = CommonOptions.Json();
        var command = new Command(
            "drill",
            "Run a batch on broker and store with workers of its own while they are killed, stopped and get messages twice, and check that nothing is lost or doubled; exits with 1 where something is.")
        {
            workers, rows, kills, seed, keep, json,
        };
        var configured = ConfigurationOptions.OfBackend(command);
        configured.AddServices(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var configuration = configured.Resolve(parsed);
            var folder = Directory.CreateTempSubdirectory("dray-drill-").FullName;
            try
            {
                var file = Path.Combine(folder, "worker.yaml");
                var options = new DrillOptions
                {
                    Broker = ServiceAddresses.BrokerOf(configuration),
                    Store = ServiceAddresses.LocationOf(configuration),
                    Worker = new WorkerProcessOptions
                    {
                        Broker = ServiceAddresses.UrlOf(configuration),
                        Store = ServiceAddresses.StoreOf(configuration),
                        Model = configuration.Model,
                        Config = file,
                    },
                    Workers = parsed.GetRequiredValue(workers),
                    Rows = parsed.GetRequiredValue(rows),
                    Kills = parsed.GetRequiredValue(kills),
                    Seed = parsed.GetValue(seed) ?? Random.Shared.Next(),
                    Keeps = parsed.GetValue(keep),
                };
                DrillConfiguration.Write(file, configured.FileOf(parsed), configuration, options.Rows, options.Workers);
                return await RunAsync(options, parsed, parsed.GetValue(json), cancellationToken);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(DrillOptions options, ParseResult parsed, bool json, CancellationToken cancellationToken)
    {
        var terminal = parsed.InvocationConfiguration;
        DrillResult result;
        await using (var progress = new DrillProgress(terminal.Error))
        {
            progress.Note(string.Create(CultureInfo.InvariantCulture, $"Seed {options.Seed}, {options.Workers} workers on {options.Broker} and {options.Store}."));
            try
            {
                result = await new DrillRun(options, progress).RunAsync(cancellationToken);
            }
            catch (InvalidOperationException exception)
            {
                // A worker that doesn't start or doesn't stay has said why.
                throw new CommandException(ExitCode.OutOfReach, exception.Message);
            }
        }

        if (json) await terminal.Output.WriteLineAsync(DrillReport.ToJson(result, options).ToJsonString());
        else await DrillReport.WriteAsync(result, options, terminal.Output);
        return result.Holds ? ExitCode.Done : ExitCode.SomeRowsFailed;
    }

    private static Option<int> Count(string name, string description, int standard, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            var value = result.GetValueOrDefault<int>();
            if (value < least || value > most) result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; give {least} to {most}."));
        });
        return option;
    }
}
