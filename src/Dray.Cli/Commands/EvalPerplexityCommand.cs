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
        var text = new EvalTextOptions(command);
        var options = new EvalOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await options.RunAsync(parsed, session =>
            {
                using var model = session.Load();
                return new PerplexityEvaluator(model).Evaluate(text.Read(parsed, model), session.Progress, cancellationToken);
            });
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                options.IsJson(parsed) ? PerplexityText.ToJson(report).ToJsonString() : PerplexityText.Describe(report));
            return ExitCode.Done;
        });
        return command;
    }
}
