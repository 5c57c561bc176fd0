using System.CommandLine;
using System.Globalization;
using Dray.Cli.Terminal;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray eval logits</c>: saves a base's logits for <c>dray eval kld --base-logits</c>.</summary>
internal static class EvalLogitsCommand
{
    public static Command Create()
    {
        var output = new Option<string>("--output")
        {
            Description = "The file to write: for each position of the chunks' second halves, 2 bytes per token of the vocabulary.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("logits", "Save a model's logits on a text, so that others can be compared with it when it isn't loaded.") { output };
        var text = new EvalTextOptions(command);
        var options = new EvalOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(output);
            var report = await options.RunAsync(parsed, session =>
            {
                using var model = session.Load();
                return new SavedLogitsWriter(model).Write(path, text.Read(parsed, model), session.Progress, cancellationToken);
            });
            var bytes = new FileInfo(path).Length;
            await parsed.InvocationConfiguration.Output.WriteLineAsync(options.IsJson(parsed) ? ToJson(path, bytes, report) : Describe(path, bytes, report));
            return ExitCode.Done;
        });
        return command;
    }

    private static string ToJson(string path, long bytes, PerplexityReport report)
    {
        var json = PerplexityText.ToJson(report);
        (json["output"], json["bytes"]) = (path, bytes);
        return json.ToJsonString();
    }

    private static string Describe(string path, long bytes, PerplexityReport report) => string.Create(
        CultureInfo.InvariantCulture, $"{path}: {bytes >> 20} MiB, {report.Chunks.Count} chunks of {report.Context} tokens\n{PerplexityText.Describe(report)}");
}
