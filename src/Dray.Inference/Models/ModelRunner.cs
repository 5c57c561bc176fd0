using System.Runtime.InteropServices;
using Dray.Inference.Compute;
using Dray.Inference.Scheduling;

namespace Dray.Inference.Models;

/// <summary>Turns a step plan into one forward pass: gathers tokens and picture embeddings, runs the decoder, returns logits.</summary>
internal sealed class ModelRunner(IComputeBackend backend, Mistral3 model, KvCache cache, int maxIdleImageRows = EngineOptions.DefaultMaxNumBatchedTokens)
    : IDisposable
{
    /// <summary>Logits of so many prompt positions are made at a time.</summary>
    private const int PromptRowsAtOnce = 64;

    private readonly ImageEncoder _imageEncoder = new(model, maxIdleImageRows);
    private readonly AttentionLayout _layout = new();
    private readonly Workspace _imageRows = new(backend, model.Config.Text.HiddenSize);
    private readonly List<int> _ids = [];
    private readonly List<int> _positions = [];
    private readonly List<int> _lastRows = [];
    private readonly List<int> _embeddingRows = [];
    private readonly List<int> _tokenRows = [];
    private readonly StepLogits _stepLogits = new(backend, model.Config.Text.VocabSize);
    private float[] _promptLogits = [];

    /// <summary>Receives the logits after a prompt's token at <paramref name="position"/>, which predict the next token of the prompt.</summary>
    public delegate void PromptLogitsReader(Sequence sequence, int position, Span<float> logits);

    /// <summary>Gets the width of a row of logits.</summary>
    public int Vocabulary => model.Config.Text.VocabSize;

    /// <summary>Gets the number of pictures that went through the vision encoder.</summary>
    public long EncodedImages => _imageEncoder.Encoded;

    /// <summary>Runs the step and moves its sequences on.</summary>
    /// <param name="plan">The step.</param>
    /// <param name="readPrompt">Told the logits at the prompt's positions of sequences that <see cref="Sequence.ReadsPrompt"/>.</param>
    /// <returns>Logits, one row per sequence of the plan that samples, in the plan's order. Valid until the next step.</returns>
    public StepLogits Run(StepPlan plan, PromptLogitsReader? readPrompt = null)
    {
        Prepare(plan);
        var x = model.Decoder.Embed(CollectionsMarshal.AsSpan(_ids));
        PlaceImages(plan, x);
        model.Decoder.Forward(x, CollectionsMarshal.AsSpan(_positions), cache, _layout);
        if (readPrompt is not null) ReadPrompts(plan, x, readPrompt);
        foreach (var (sequence, tokens) in plan.Sequences) sequence.Advance(tokens);
        _stepLogits.Take(_lastRows.Count == 0 ? default : model.Decoder.Logits(x, CollectionsMarshal.AsSpan(_lastRows)));
        return _stepLogits;
    }

    public void Dispose()
    {
        _imageEncoder.Dispose();
        _imageRows.Dispose();
        cache.Dispose();
    }

    private void Prepare(StepPlan plan)
    {
        _layout.Reset();
        _ids.Clear();
        _positions.Clear();
        _lastRows.Clear();
        foreach (var scheduled in plan.Sequences)
        {
            var (sequence, tokens) = scheduled;
            var first = sequence.ComputedTokens;
            _layout.Add(sequence.Blocks, first, tokens);
            _ids.AddRange(sequence.Ids.Slice(first, tokens));
            for (var i = 0; i < tokens; i++) _positions.Add(first + i);
            if (scheduled.Samples) _lastRows.Add(_ids.Count - 1);
        }
    }

    /// <summary>Puts the embeddings of picture tokens over those of [IMG].</summary>
    private void PlaceImages(StepPlan plan, Tensor x)
    {
        var row = 0;
        foreach (var (sequence, tokens) in plan.Sequences)
        {
            var (first, end) = (sequence.ComputedTokens, sequence.ComputedTokens + tokens);
            foreach (var image in sequence.Images)
            {
                if (!image.Overlaps(first, end)) continue;
                var embeddings = image.Embed(_imageEncoder);
                _embeddingRows.Clear();
                _tokenRows.Clear();
                image.Collect(first, end, _embeddingRows, _tokenRows);
                foreach (ref var token in CollectionsMarshal.AsSpan(_tokenRows)) token += row - first;
                var chosen = _imageRows.Take(_embeddingRows.Count);
                backend.GatherRows(embeddings.View, CollectionsMarshal.AsSpan(_embeddingRows), chosen);
                backend.ScatterRows(chosen, CollectionsMarshal.AsSpan(_tokenRows), x);
                if (image.EndToken <= end) image.Release();
            }

            row += tokens;
        }
    }

    private void ReadPrompts(StepPlan plan, Tensor x, PromptLogitsReader read)
    {
        var row = 0;
        foreach (var (sequence, tokens) in plan.Sequences)
        {
            var (first, end) = (sequence.ComputedTokens, Math.Min(sequence.ComputedTokens + tokens, sequence.PromptTokens - 1));
            for (var position = first; sequence.ReadsPrompt && position < end; position += PromptRowsAtOnce)
            {
                var count = Math.Min(PromptRowsAtOnce, end - position);
                var rows = new int[count];
                for (var i = 0; i < count; i++) rows[i] = row + position - first + i;
                if (_promptLogits.Length < count * Vocabulary) _promptLogits = new float[count * Vocabulary];
                backend.Download(model.Decoder.Logits(x, rows), _promptLogits.AsSpan(0, count * Vocabulary));
                for (var i = 0; i < count; i++) read(sequence, position + i, _promptLogits.AsSpan(i * Vocabulary, Vocabulary));
            }

            row += tokens;
        }
    }
}
