using System.CommandLine;
using System.Text.Json;
using Dray.Cli.Configuration;
using Dray.Cli.Doctor;
using Dray.Cli.Terminal;

namespace Dray.Cli.Commands;

/// <summary><c>dray doctor</c>: looks at machine, model, broker and store, and says what to do.</summary>
internal static class DoctorCommand
{
    private const string NotNamed = "not configured: dray run and dray serve need none";

    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command(
            "doctor",
            "Check machine, model, broker and store, and say what to do next; broker and store where --broker, --store, the file or the " +
            "environment names them. Ends with 0 where there is no problem, else with the code of the first: 2 configuration and machine, " +
            "3 model, 4 broker and store.") { json };
        var configured = ConfigurationOptions.OfBackend(command);
        configured.AddServices(command);
        configured.AddServer(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var results = await Checkup.RunAsync(ChecksOf(configured, parsed), cancellationToken);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) await output.WriteLineAsync(ToJson(results));
            else DoctorReport.Write(results, output);
            return results.FirstOrDefault(result => result.Verdict == Verdict.Problem)?.Check.ExitCode ?? ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<Check> ChecksOf(ConfigurationOptions configured, ParseResult parsed)
    {
        DrayConfiguration configuration;
        Finding read;
        try
        {
            configuration = configured.Resolve(parsed, serves: true);
            read = configuration.KeysThatDoNotApply is { Count: > 0 } unused
                ? Finding.Warn("configuration", $"these keys can't apply here: {string.Join(", ", unused)}", "Leave them out, or let them be: nothing depends on them.")
                : Finding.Ok("configuration", configured.FileOf(parsed) is { } file ? $"{file} can be read" : "no file, so defaults and options");
        }
        catch (CommandException exception)
        {
            return [Check.Of("configuration", ExitCode.Usage, () => [new Finding("configuration", Verdict.Problem, exception.Message)])];
        }

        return
        [
            Check.Of("configuration", ExitCode.Usage, () => [read]),
            Check.Of("machine", ExitCode.Usage, () => MachineChecks.Processor(configuration)),
            Check.Of("gpu", ExitCode.Usage, () => MachineChecks.Gpus(configuration)),
            Check.Of("disk", ExitCode.Usage, () => MachineChecks.Disks(configuration)),
            Check.Of("port", ExitCode.Usage, () => MachineChecks.Port(configuration)),
            new Check("model", ExitCode.InputRefused, token => Task.Run(() => ModelCheck.LookAsync(configuration), token))
            {
                Remedy = "Name the checkpoint's folder with --model: config.json, *.safetensors and tekken.json belong there; download it again where files are damaged.",
            },
            ServiceAddresses.NamesBroker(configuration)
                ? new Check("broker", ExitCode.OutOfReach, token => BrokerCheck.LookAsync(ServiceAddresses.BrokerOf(configuration), token))
                : Check.Of("broker", ExitCode.OutOfReach, () => [Finding.Ok("broker", NotNamed)]),
            ServiceAddresses.NamesStore(configuration)
                ? new Check("store", ExitCode.OutOfReach, token => StoreCheck.LookAsync(ServiceAddresses.LocationOf(configuration), TimeProvider.System, token))
                {
                    Remedy = "Start it, or correct --store or $DRAY_STORE; a folder must be one that this user may write to.",
                }
                : Check.Of("store", ExitCode.OutOfReach, () => [Finding.Ok("store", NotNamed)]),
        ];
    }

    private static string ToJson(IEnumerable<CheckResult> results) => JsonSerializer.Serialize(new
    {
        findings = results.SelectMany(result => result.Findings.Select(finding => new
        {
            area = result.Check.Area,
            subject = finding.Subject,
            verdict = DoctorReport.NameOf(finding.Verdict),
            message = finding.Message,
            remedy = finding.Remedy,
        })),
    });
}
