using Dray.Inference.Models;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// A base's greedy answers to the prompts of each length. They hold all logits, so that the base needn't be loaded any more when a model is compared
/// with it: prompts · tokens · vocabulary float32 for each length.
/// </summary>
public sealed class Trajectories
{
    private const string Stage = "The base generates";

    private Trajectories(IReadOnlyList<Trajectory[]> lengths, int vocabulary) => (Lengths, Vocabulary) = (lengths, vocabulary);

    /// <summary>Gets the trajectories of each prompt length.</summary>
    internal IReadOnlyList<Trajectory[]> Lengths { get; }

    /// <summary>Gets the logits of a row.</summary>
    internal int Vocabulary { get; }

    /// <summary>Generates; prompts of a length together.</summary>
    /// <param name="model">The base.</param>
    /// <param name="prompts">Per length, the tokens of each prompt.</param>
    /// <param name="options">How many tokens to generate.</param>
    /// <param name="progress">Told the steps done.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="ArgumentException">Prompt and answer are longer than the model's context.</exception>
    public static Trajectories Generate(
        LanguageModel model, IReadOnlyList<int[][]> prompts, GenerationKldOptions options, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate(model.ContextLength);
        var (done, tokens) = (0, 0L);
        var total = prompts.Count * options.Tokens;
        progress?.Report(new EvaluationProgress(Stage, 0, total, "steps", 0));
        return new Trajectories([.. prompts.Select(OfLength)], model.Vocabulary);

        Trajectory[] OfLength(int[][] ofLength)
        {
            Trajectory[] trajectories =
                [.. ofLength.Select(prompt => new Trajectory(prompt, new int[options.Tokens], new float[options.Tokens], new float[checked(options.Tokens * model.Vocabulary)]))];
            var (length, next) = (ofLength[0].Length, new int[ofLength.Length]);
            model.Run([.. ofLength.SelectMany(prompt => prompt)], ofLength.Length, room: length + options.Tokens);
            var last = Enumerable.Range(1, ofLength.Length).Select(prompt => (prompt * length) - 1).ToArray();
            tokens += (long)length * ofLength.Length;
            for (var step = 0; step < options.Tokens; step++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var logits = step == 0 ? model.Logits(last) : model.Logits(0, ofLength.Length);
                for (var prompt = 0; prompt < next.Length; prompt++) next[prompt] = Choose(trajectories[prompt], step, logits[prompt]);
                if (step + 1 < options.Tokens) model.Continue(next);
                tokens += next.Length;
                progress?.Report(new EvaluationProgress(Stage, ++done, total, "steps", tokens));
            }

            return trajectories;
        }
    }

    private static int Choose(Trajectory trajectory, int step, ReadOnlySpan<float> logits)
    {
        Span<int> best = stackalloc int[2];
        TopTokens.Find(logits, best);
        logits.CopyTo(trajectory.Logits.AsSpan(step * logits.Length));
        trajectory.Gaps[step] = logits[best[0]] - logits[best[1]];
        return trajectory.Generated[step] = best[0];
    }
}
