using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// The text decoder: RMSNorm, grouped-query attention with rotary positions over a paged KV cache, SwiGLU, residuals (Jiang et al.,
/// "Mistral 7B", 2023). The width of a head is free of hidden size / heads.
/// </summary>
internal sealed class MistralDecoder : IDisposable
{
    private readonly IComputeBackend backend;
    private readonly TextConfig config;
    private readonly WeightMatrix embedding;
    private readonly TransformerLayer[] layers;
    private readonly TensorBuffer finalNorm;
    private readonly WeightMatrix head;
    private readonly RotaryEmbedding rotary;
    private readonly Workspace hidden;
    private readonly Workspace normed;
    private readonly Workspace queryKeyValue;
    private readonly Workspace attention;
    private readonly FeedForward feedForward;
    private readonly Workspace last;
    private readonly Workspace logits;

    public MistralDecoder(IComputeBackend backend, Checkpoint checkpoint, IProgress<LoadProgress>? progress = null)
    {
        this.backend = backend;
        config = checkpoint.Config.Text;
        rotary = new RotaryEmbedding(backend, config.HeadDim, config.RopeTheta);
        embedding = backend.LoadMatrix([checkpoint.Embedding("language_model.model.embed_tokens")]);
        layers = new TransformerLayer[config.Layers];
        for (var i = 0; i < layers.Length; i++)
        {
            progress?.Report(new LoadProgress(i, layers.Length));
            layers[i] = new TransformerLayer(backend, checkpoint, TransformerLayerSpec.Text(config, i));
        }

        finalNorm = backend.LoadVector(checkpoint.Vector("language_model.model.norm", config.HiddenSize));
        head = config.TiedEmbeddings
            ? embedding
            : backend.LoadMatrix([checkpoint.Linear("language_model.lm_head")]);
        progress?.Report(new LoadProgress(layers.Length, layers.Length));

        Workspace Columns(int columns) => new(backend, columns);
        hidden = Columns(config.HiddenSize);
        normed = Columns(config.HiddenSize);
        queryKeyValue = Columns((config.Heads + (2 * config.KvHeads)) * config.HeadDim);
        attention = Columns(config.Heads * config.HeadDim);
        feedForward = new FeedForward(backend, config.IntermediateSize);
        last = Columns(config.HiddenSize);
        logits = Columns(config.VocabSize);
    }

    /// <summary>Gets or sets a listener for the residual stream after each layer, for conformance tests.</summary>
    public Action<string, Tensor>? Trace { get; set; }

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => embedding.Bytes + layers.Sum(layer => layer.Bytes) + (head == embedding ? 0 : head.Bytes);

    /// <summary>Token embeddings, [M, hidden]: where a pass begins. Valid until the next pass.</summary>
    public Tensor Embed(ReadOnlySpan<int> ids)
    {
        var x = hidden.Take(ids.Length);
        backend.Gather(embedding, ids, x);
        return x;
    }

    /// <summary>Runs all layers over the residual stream <paramref name="x"/> [M, hidden], in place, and fills the KV cache.</summary>
    public void Forward(Tensor x, ReadOnlySpan<int> positions, KvCache cache, AttentionLayout layout)
    {
        var (queries, keys) = (config.Heads * config.HeadDim, config.KvHeads * config.HeadDim);
        var (cos, sin) = rotary.At(backend, positions);
        var norm = normed.Take(x.Rows);
        var qkv = queryKeyValue.Take(x.Rows);
        var (q, k, v) = (qkv.SliceColumns(0, queries), qkv.SliceColumns(queries, keys), qkv.SliceColumns(queries + keys, keys));
        var mixed = attention.Take(x.Rows);
        for (var i = 0; i < layers.Length; i++)
        {
            var layer = layers[i];
            backend.RmsNorm(x, layer.AttentionNorm, config.RmsNormEpsilon, norm);
            backend.MatMul(norm, layer.QueryKeyValue, qkv);
            backend.Rope(q, config.HeadDim, cos, sin);
            backend.Rope(k, config.HeadDim, cos, sin);
            backend.WriteKv(cache, i, k, v, layout);
            backend.PagedAttention(q, cache, i, layout, mixed);
            backend.MatMul(mixed, layer.Output, x, accumulate: true);

            backend.RmsNorm(x, layer.FeedForwardNorm, config.RmsNormEpsilon, norm);
            feedForward.AddTo(norm, layer, x);
            Trace?.Invoke($"layer.{i}", x);
        }
    }

    /// <summary>Logits [rows, vocabulary] after the chosen rows of the residual stream. Valid until the next call.</summary>
    public Tensor Logits(Tensor x, ReadOnlySpan<int> rows)
    {
        var chosen = last.Take(rows.Length);
        backend.GatherRows(x, rows, chosen);
        backend.RmsNorm(chosen, finalNorm.View, config.RmsNormEpsilon, chosen);
        Trace?.Invoke("final_norm", chosen);
        var result = logits.Take(rows.Length);
        backend.MatMul(chosen, head, result);
        return result;
    }

    public void Dispose()
    {
        foreach (var layer in layers) layer.Dispose();
        foreach (var workspace in new[] { hidden, normed, queryKeyValue, attention, last, logits }) workspace.Dispose();
        feedForward.Dispose();
        rotary.Dispose();
        finalNorm.Dispose();
        head.Dispose();
        embedding.Dispose();
    }
}
