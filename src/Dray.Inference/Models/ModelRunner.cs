using System.Runtime.InteropServices;
using Dray.Inference.Compute;
using Dray.Inference.Scheduling;

namespace Dray.Inference.Models;

/// <summary>Turns a step plan into one forward pass: gathers tokens and picture embeddings, runs the decoder, returns logits.</summary>
internal sealed class ModelRunner(IComputeBackend backend, Mistral3 model, KvCache cache) : IDisposable
{
    private readonly AttentionLayout layout = new();
    private readonly Workspace imageRows = new(backend, model.Config.Text.HiddenSize);
    private readonly List<int> ids = [];
    private readonly List<int> positions = [];
    private readonly List<int> lastRows = [];
    private readonly List<int> embeddingRows = [];
    private readonly List<int> tokenRows = [];
    private float[] logits = [];

    /// <summary>Gets the width of a row of logits.</summary>
    public int Vocabulary => model.Config.Text.VocabSize;

    /// <summary>Runs the step and moves its sequences on.</summary>
    /// <returns>Logits [S, vocabulary], one row per sequence of the plan that samples, in the plan's order. Valid, and free to be
    /// changed, until the next step.</returns>
    public Span<float> Run(StepPlan plan)
    {
        Prepare(plan);
        var x = model.Decoder.Embed(CollectionsMarshal.AsSpan(ids));
        PlaceImages(plan, x);
        model.Decoder.Forward(x, CollectionsMarshal.AsSpan(positions), cache, layout);
        foreach (var (sequence, tokens) in plan.Sequences) sequence.Advance(tokens);
        if (lastRows.Count == 0) return [];

        var result = logits.AsSpan(0, lastRows.Count * Vocabulary);
        backend.Download(model.Decoder.Logits(x, CollectionsMarshal.AsSpan(lastRows)), result);
        return result;
    }

    public void Dispose()
    {
        imageRows.Dispose();
        cache.Dispose();
    }

    private void Prepare(StepPlan plan)
    {
        layout.Reset();
        ids.Clear();
        positions.Clear();
        lastRows.Clear();
        foreach (var scheduled in plan.Sequences)
        {
            var (sequence, tokens) = scheduled;
            var first = sequence.ComputedTokens;
            layout.Add(sequence.Blocks, first, tokens);
            ids.AddRange(sequence.Ids.Slice(first, tokens));
            for (var i = 0; i < tokens; i++) positions.Add(first + i);
            if (scheduled.Samples) lastRows.Add(ids.Count - 1);
        }

        if (logits.Length < lastRows.Count * Vocabulary) logits = new float[lastRows.Count * Vocabulary];
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
                embeddingRows.Clear();
                tokenRows.Clear();
                image.Collect(first, end, embeddingRows, tokenRows);
                foreach (ref var token in CollectionsMarshal.AsSpan(tokenRows)) token += row - first;
                var chosen = imageRows.Take(embeddingRows.Count);
                backend.GatherRows(image.Embeddings!.View, CollectionsMarshal.AsSpan(embeddingRows), chosen);
                backend.ScatterRows(chosen, CollectionsMarshal.AsSpan(tokenRows), x);
                if (image.EndToken <= end) image.Release();
            }

            row += tokens;
        }
    }
}
