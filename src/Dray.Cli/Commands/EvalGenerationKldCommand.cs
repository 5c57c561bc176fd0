using System.CommandLine;
using Dray.Cli.Terminal;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Commands;

/// <summary><c>dray eval generation-kld</c>: divergence of a model from its base along the base's greedy answers.</summary>
internal static class EvalGenerationKldCommand
{
    public static Command Create()
    {
        var reference = new Option<string>("--base") { Description = "Folder of the checkpoint to compare with.", HelpName = "DIR", Required = true };
        var text = new Option<string?>("--text")
        {
            Description = "Text file to take prompts from, one every 8192 tokens. Default: none, chat prompts of common words in random order.",
            HelpName = "FILE",
        };
        var command = new Command("generation-kld", "Kullback-Leibler divergence from a base at each step of the base's greedy answers, in nats.") { reference, text };
        var generation = new EvalGenerationOptions(command);
        var options = new EvalOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var generationOptions = generation.Read(parsed);
            var report = await options.RunAsync(parsed, session =>
            {
                var trajectories = Generate(session, parsed.GetRequiredValue(reference), parsed.GetValue(text), generationOptions, cancellationToken);
                using var model = session.Load();
                return new GenerationKldEvaluator(model).Evaluate(trajectories, session.Progress, cancellationToken);
            });
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                options.IsJson(parsed) ? GenerationKldText.ToJson(report).ToJsonString() : GenerationKldText.Describe(report));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Loads the base, has it answer, and lets go of it.</summary>
    internal static Trajectories Generate(EvalSession session, string folder, string? text, GenerationKldOptions options, CancellationToken cancellationToken)
    {
        using var reference = session.Load(folder);
        options.Validate(reference.ContextLength);
        var prompts = text is null
            ? GenerationPrompts.Synthetic(reference.Tokenizer, options)
            : GenerationPrompts.OfText(reference.Tokenizer.Encode(File.ReadAllText(text)), options);
        return Trajectories.Generate(reference, prompts, options, session.Progress, cancellationToken);
    }
}
