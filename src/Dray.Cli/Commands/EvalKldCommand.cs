using System.CommandLine;
using Dray.Cli.Terminal;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray eval kld</c>: divergence of a model from its base on a text.</summary>
internal static class EvalKldCommand
{
    public static Command Create()
    {
        var reference = new Option<string>("--base") { Description = "Folder of the checkpoint to compare with.", HelpName = "DIR", Required = true };
        var command = new Command("kld", "Kullback-Leibler divergence from a base at the second half of non-overlapping chunks, in nats.") { reference };
        var options = new EvalOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await EvalSession.RunAsync(parsed, options, session =>
            {
                using var compared = session.Load(parsed.GetRequiredValue(reference));
                using var model = session.Load(session.Configuration.Model!);
                return new KldEvaluator(compared, model).Evaluate(session.Read(compared, model), session.Progress, cancellationToken);
            });
            var text = options.IsJson(parsed) ? KldText.ToJson(report).ToJsonString() : KldText.Describe(report);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(text);
            return ExitCode.Done;
        });
        return command;
    }
}
