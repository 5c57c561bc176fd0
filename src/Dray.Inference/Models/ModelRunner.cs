using System.Runtime.InteropServices;
using Dray.Inference.Compute;
using Dray.Inference.Scheduling;

namespace Dray.Inference.Models;

/// <summary>Turns a step plan into one forward pass: gathers tokens and picture embeddings, runs the decoder, returns logits.</summary>
internal sealed class ModelRunner(IComputeBackend backend, Mistral3 model, KvCache cache) : IDisposable
{
    private readonly AttentionLayout _layout = new();
    private readonly Workspace _imageRows = new(backend, model.Config.Text.HiddenSize);
    private readonly List<int> _ids = [];
    private readonly List<int> _positions = [];
    private readonly List<int> _lastRows = [];
    private readonly List<int> _embeddingRows = [];
    private readonly List<int> _tokenRows = [];
    private float[] _logits = [];

    /// <summary>Gets the width of a row of logits.</summary>
    public int Vocabulary => model.Config.Text.VocabSize;

    /// <summary>Runs the step and moves its sequences on.</summary>
    /// <returns>Logits [S, vocabulary], one row per sequence of the plan that samples, in the plan's order. Valid, and free to be
    /// changed, until the next step.</returns>
    public Span<float> Run(StepPlan plan)
    {
        Prepare(plan);
        var x = model.Decoder.Embed(CollectionsMarshal.AsSpan(_ids));
        PlaceImages(plan, x);
        model.Decoder.Forward(x, CollectionsMarshal.AsSpan(_positions), cache, _layout);
        foreach (var (sequence, tokens) in plan.Sequences) sequence.Advance(tokens);
        if (_lastRows.Count == 0) return [];

        var result = _logits.AsSpan(0, _lastRows.Count * Vocabulary);
        backend.Download(model.Decoder.Logits(x, CollectionsMarshal.AsSpan(_lastRows)), result);
        return result;
    }

    public void Dispose()
    {
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

        if (_logits.Length < _lastRows.Count * Vocabulary) _logits = new float[_lastRows.Count * Vocabulary];
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
                image.Encode(model);
                _embeddingRows.Clear();
                _tokenRows.Clear();
                image.Collect(first, end, _embeddingRows, _tokenRows);
                foreach (ref var token in CollectionsMarshal.AsSpan(_tokenRows)) token += row - first;
                var chosen = _imageRows.Take(_embeddingRows.Count);
                backend.GatherRows(image.Embeddings!.View, CollectionsMarshal.AsSpan(_embeddingRows), chosen);
                backend.ScatterRows(chosen, CollectionsMarshal.AsSpan(_tokenRows), x);
                if (image.EndToken <= end) image.Release();
            }

            row += tokens;
        }
    }
}
