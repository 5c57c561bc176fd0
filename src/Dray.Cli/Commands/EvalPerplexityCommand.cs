using System.CommandLine;
using Dray.Cli.Terminal;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray eval perplexity</c>: perplexity of a text, by two scoring methods.</summary>
internal static class EvalPerplexityCommand
{
    public static Command Create()
    {
        var command = new Command("perplexity", "Perplexity over non-overlapping chunks: llama.cpp's second half, and all positions.");
        var options = new EvalOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await EvalSession.RunAsync(parsed, options, session =>
            {
                using var model = session.Load(session.Configuration.Model!);
                return new PerplexityEvaluator(model).Evaluate(session.Read(model), session.Progress, cancellationToken);
            });
            var text = options.IsJson(parsed) ? PerplexityText.ToJson(report).ToJsonString() : PerplexityText.Describe(report);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(text);
            return ExitCode.Done;
        });
        return command;
    }
}
