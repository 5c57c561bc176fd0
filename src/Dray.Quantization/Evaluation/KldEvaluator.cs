using Dray.Inference.Models;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Kullback-Leibler divergence of a model from its base over non-overlapping chunks of a text, each run by itself from position 0, at the second
/// half of each chunk. The two may be two checkpoints, or one checkpoint on two backends. Both run a chunk, then their logits are made and
/// compared some rows at a time, so that few are held.
/// </summary>
public sealed class KldEvaluator
{
    private readonly IBaseLogits _reference;
    private readonly LanguageModel _model;

    /// <summary>Compares with a base that is loaded too.</summary>
    public KldEvaluator(LanguageModel reference, LanguageModel model) => (_reference, _model) = (new ModelLogits(reference), model);

    /// <summary>Compares with a base whose logits were saved.</summary>
    public KldEvaluator(SavedLogits reference, LanguageModel model) => (_reference, _model) = (reference, model);

    /// <summary>Evaluates <paramref name="ids"/> in chunks of <paramref name="context"/> tokens; a shorter tail is left out.</summary>
    /// <param name="ids">The whole text's tokens, without BOS.</param>
    /// <param name="context">Tokens per chunk, at least 4.</param>
    /// <param name="chunks">The most chunks, or null for all.</param>
    /// <exception cref="ArgumentException">The text is shorter than one chunk.</exception>
    public KldReport Evaluate(ReadOnlySpan<int> ids, int context = 512, int? chunks = null) => Evaluate(new TextChunks(ids, context, chunks));

    /// <summary>Evaluates a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="progress">Told the chunks done.</param>
    /// <param name="cancellationToken">Stops between passes.</param>
    /// <exception cref="ArgumentException">A chunk is longer than a model's context, or the models' vocabularies have different sizes.</exception>
    /// <exception cref="EvaluationException">A model's logits aren't numbers, or the saved ones are of another text.</exception>
    public KldReport Evaluate(TextChunks text, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.RequireContext(_model.ContextLength);
        KldPosition.RequireVocabularies(_reference.Vocabulary, _model.Vocabulary);
        _reference.Require(text);
        var half = text.Context - text.SecondHalf;
        var positions = new KldPosition[text.Count * half];
        progress?.Report(new EvaluationProgress("KL divergence", 0, text.Count, "chunks", 0));
        for (var first = 0; first < text.Count; first += text.PerPass)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(text.PerPass, text.Count - first);
            _reference.Run(text, first, count);
            _model.Run(text.Of(first, count), count);
            for (var i = 0; i < count; i++) Compare(text, first + i, i * text.Context, positions.AsMemory((first + i) * half, half));
            progress?.Report(new EvaluationProgress("KL divergence", first + count, text.Count, "chunks", (long)(first + count) * text.Context));
        }

        return new KldReport(positions, text.Context);
    }

    private void Compare(TextChunks text, int chunk, int firstRow, Memory<KldPosition> positions)
    {
        for (var done = 0; done < positions.Length; done += LanguageModel.RowsAtOnce)
        {
            var position = text.SecondHalf + done;
            var rows = Math.Min(LanguageModel.RowsAtOnce, positions.Length - done);
            _reference.Take(chunk, position, rows);
            var q = _model.Logits(firstRow + position, rows);
            var compared = positions.Slice(done, rows);
            Parallel.For(0, rows, i => compared.Span[i] = KldPosition.Compare(_reference.Row(i), q[i], text.Next(chunk, position + i)));
        }

        foreach (var position in positions.Span)
        {
            if (!double.IsFinite(position.Full))
            {
                throw new EvaluationException(
                    $"The logits of the model or its base in chunk {chunk} of the text aren't all finite numbers; weights are damaged, or overflow in this arithmetic.");
            }
        }
    }
}
