using System.CommandLine;
using Dray.Cli.Terminal;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray eval kld</c>: divergence of a model from its base on a text.</summary>
internal static class EvalKldCommand
{
    public static Command Create()
    {
        var reference = new Option<string?>("--base") { Description = "Folder of the checkpoint to compare with.", HelpName = "DIR" };
        var saved = new Option<string?>("--base-logits")
        {
            Description = "The base's logits that 'dray eval logits' saved, instead of --base, so that the two need not fit into memory together.",
            HelpName = "FILE",
        };
        var command = new Command("kld", "Kullback-Leibler divergence from a base at the second half of non-overlapping chunks, in nats.") { reference, saved };
        command.Validators.Add(result =>
        {
            if (result.GetValue(reference) is null == result.GetValue(saved) is null)
                result.AddError("Give either --base, a checkpoint, or --base-logits, a file that 'dray eval logits' wrote.");
        });
        var text = new EvalTextOptions(command);
        var options = new EvalOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await options.RunAsync(parsed, session => parsed.GetValue(saved) is { } file
                ? CompareWithSaved(session, text, parsed, file, cancellationToken)
                : Compare(session, text, parsed, parsed.GetRequiredValue(reference)!, cancellationToken));
            await parsed.InvocationConfiguration.Output.WriteLineAsync(options.IsJson(parsed) ? KldText.ToJson(report).ToJsonString() : KldText.Describe(report));
            return ExitCode.Done;
        });
        return command;
    }

    private static KldReport Compare(EvalSession session, EvalTextOptions text, ParseResult parsed, string folder, CancellationToken cancellationToken)
    {
        using var reference = session.Load(folder);
        using var model = session.Load();
        return new KldEvaluator(reference, model).Evaluate(text.Read(parsed, reference, model), session.Progress, cancellationToken);
    }

    private static KldReport CompareWithSaved(EvalSession session, EvalTextOptions text, ParseResult parsed, string file, CancellationToken cancellationToken)
    {
        using var reference = SavedLogits.Open(file);
        using var model = session.Load();
        return new KldEvaluator(reference, model).Evaluate(text.Read(parsed, model), session.Progress, cancellationToken);
    }
}
