using Dray.Inference.Models;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Kullback-Leibler divergence of a model from its base at each step of the base's greedy answers: the model sees prompt and answer as the base
/// did, whatever it would have said itself, in one pass for each prompt.
/// </summary>
/// <param name="model">What is compared with the base.</param>
public sealed class GenerationKldEvaluator(LanguageModel model)
{
    private const string Stage = "The model follows";

    /// <summary>Compares with the base's answers.</summary>
    /// <param name="trajectories">The base's answers.</param>
    /// <param name="progress">Told the prompts done.</param>
    /// <param name="cancellationToken">Stops between prompts.</param>
    /// <exception cref="ArgumentException">The models' vocabularies have different sizes, or prompt and answer are longer than the model's context.</exception>
    /// <exception cref="EvaluationException">A model's logits aren't numbers.</exception>
    public GenerationKldReport Evaluate(Trajectories trajectories, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        KldPosition.RequireVocabularies(trajectories.Vocabulary, model.Vocabulary);
        var (done, tokens, total) = (0, 0L, trajectories.Lengths.Sum(length => length.Length));
        progress?.Report(new EvaluationProgress(Stage, 0, total, "prompts", 0));
        return new GenerationKldReport([.. trajectories.Lengths.Select(length => new GenerationKldLength(length[0].Prompt.Length, [.. length.Select(Follow)]))]);

        GenerationKldPrompt Follow(Trajectory trajectory)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var steps = Compare(trajectory);
            tokens += trajectory.Prompt.Length + trajectory.Generated.Length - 1;
            progress?.Report(new EvaluationProgress(Stage, ++done, total, "prompts", tokens));
            return new GenerationKldPrompt(trajectory.Generated, trajectory.Gaps, steps);
        }
    }

    private KldPosition[] Compare(Trajectory trajectory)
    {
        var (prompt, generated) = (trajectory.Prompt, trajectory.Generated);
        var steps = new KldPosition[generated.Length];
        model.Run([.. prompt, .. generated[..^1]]);
        for (var done = 0; done < steps.Length; done += LanguageModel.RowsAtOnce)
        {
            var first = done;
            var logits = model.Logits(prompt.Length - 1 + first, Math.Min(LanguageModel.RowsAtOnce, steps.Length - first));
            Parallel.For(0, logits.Count, i => steps[first + i] = KldPosition.Compare(trajectory.LogitsOf(first + i), logits[i], generated[first + i]));
        }

        return Array.TrueForAll(steps, step => double.IsFinite(step.Full)) ? steps : throw new EvaluationException(
            $"The logits of the model or its base after a prompt of {prompt.Length} tokens aren't all finite numbers; weights are damaged, or overflow in this arithmetic.");
    }
}
