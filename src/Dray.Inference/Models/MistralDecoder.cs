using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// The text decoder: RMSNorm, grouped-query attention with rotary positions over a paged KV cache, SwiGLU, residuals (Jiang et al.,
/// "Mistral 7B", 2023). The width of a head is free of hidden size / heads.
/// </summary>
internal sealed class MistralDecoder : IDisposable
{
    private readonly IComputeBackend _backend;
    private readonly TextConfig _config;
    private readonly WeightMatrix _embedding;
    private readonly TransformerLayer[] _layers;
    private readonly TensorBuffer _finalNorm;
    private readonly WeightMatrix _head;
    private readonly RotaryEmbedding _rotary;
    private readonly Workspace _hidden;
    private readonly Workspace _normed;
    private readonly Workspace _queryKeyValue;
    private readonly Workspace _attention;
    private readonly FeedForward _feedForward;
    private readonly Workspace _last;
    private readonly Workspace _logits;
    private readonly Action _runLayers;
    private DecoderPass _pass;

    public MistralDecoder(IComputeBackend backend, IModelWeights weights, IProgress<LoadProgress>? progress = null)
    {
        _backend = backend;
        _config = weights.Config.Text;
        _rotary = new RotaryEmbedding(backend, _config.HeadDim, _config.RopeTheta);
        _embedding = backend.LoadMatrix([weights.Embedding("language_model.model.embed_tokens")]);
        _layers = new TransformerLayer[_config.Layers];
        for (var i = 0; i < _layers.Length; i++)
        {
            progress?.Report(new LoadProgress(i, _layers.Length, weights.OpenedBytes, weights.TotalBytes));
            _layers[i] = new TransformerLayer(backend, weights, TransformerLayerSpec.Text(_config, i));
        }

        _finalNorm = backend.LoadVector(weights.Vector("language_model.model.norm", _config.HiddenSize));
        _head = _config.TiedEmbeddings
            ? _embedding
            : backend.LoadMatrix([weights.Linear("language_model.lm_head")]);
        progress?.Report(new LoadProgress(_layers.Length, _layers.Length, weights.OpenedBytes, weights.TotalBytes));

        Workspace Columns(int columns) => new(backend, columns);
        _hidden = Columns(_config.HiddenSize);
        _normed = Columns(_config.HiddenSize);
        _queryKeyValue = Columns((_config.Heads + (2 * _config.KvHeads)) * _config.HeadDim);
        _attention = Columns(_config.Heads * _config.HeadDim);
        _feedForward = new FeedForward(backend, _config.IntermediateSize);
        _last = Columns(_config.HiddenSize);
        _logits = Columns(_config.VocabSize);
        _runLayers = RunLayers;
    }

    /// <summary>Gets or sets a listener for the residual stream after each layer, for conformance tests.</summary>
    public Action<string, Tensor>? Trace { get; set; }

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => StepBytes + (_head == _embedding ? 0 : _embedding.Bytes);

    /// <summary>Gets the bytes of the weights that every decoding step reads: all but an embedding table of its own, of which it reads single rows.</summary>
    public long StepBytes => _layers.Sum(layer => layer.Bytes) + _head.Bytes;

    /// <summary>Takes what passes of up to <paramref name="tokens"/> tokens, and logits after up to <paramref name="rows"/> of them, need.</summary>
    public void Reserve(int tokens, int rows)
    {
        foreach (var workspace in new[] { _hidden, _normed, _queryKeyValue, _attention }) workspace.Take(tokens);
        foreach (var workspace in new[] { _last, _logits }) workspace.Take(rows);
        _feedForward.Reserve(tokens);
        _rotary.Reserve(tokens);
    }

    /// <summary>Token embeddings, [M, hidden]: where a pass begins. Valid until the next pass.</summary>
    public Tensor Embed(ReadOnlySpan<int> ids)
    {
        var x = _hidden.Take(ids.Length);
        _backend.Gather(_embedding, ids, x);
        return x;
    }

    /// <summary>Runs all layers over the residual stream <paramref name="x"/> [M, hidden], in place, and fills the KV cache.</summary>
    public void Forward(Tensor x, ReadOnlySpan<int> positions, KvCache cache, AttentionLayout layout)
    {
        var (cos, sin) = _rotary.At(_backend, positions);
        _pass = new DecoderPass(x, cos, sin, cache, layout);
        if (Trace is null) _backend.Run(layout, _runLayers);
        else RunLayers();
    }

    /// <summary>Logits [rows, vocabulary] after the chosen rows of the residual stream. Valid until the next call.</summary>
    public Tensor Logits(Tensor x, ReadOnlySpan<int> rows)
    {
        var chosen = _last.Take(rows.Length);
        _backend.GatherRows(x, rows, chosen);
        _backend.RmsNorm(chosen, _finalNorm.View, _config.RmsNormEpsilon, chosen);
        Trace?.Invoke("final_norm", chosen);
        var result = _logits.Take(rows.Length);
        _backend.MatMul(chosen, _head, result);
        return result;
    }

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        foreach (var workspace in new[] { _hidden, _normed, _queryKeyValue, _attention, _last, _logits }) workspace.Dispose();
        _feedForward.Dispose();
        _rotary.Dispose();
        _finalNorm.Dispose();
        _head.Dispose();
        _embedding.Dispose();
    }

    private void RunLayers()
    {
        var (x, cos, sin, cache, layout) = _pass;
        var (queries, keys) = (_config.Heads * _config.HeadDim, _config.KvHeads * _config.HeadDim);
        var norm = _normed.Take(x.Rows);
        var qkv = _queryKeyValue.Take(x.Rows);
        var (q, k, v) = (qkv.SliceColumns(0, queries), qkv.SliceColumns(queries, keys), qkv.SliceColumns(queries + keys, keys));
        var mixed = _attention.Take(x.Rows);
        for (var i = 0; i < _layers.Length; i++)
        {
            var layer = _layers[i];
            _backend.NormMatMul(x, layer.AttentionNorm, _config.RmsNormEpsilon, norm, layer.QueryKeyValue, qkv);
            _backend.RotateAndWriteKv(q, k, v, cos, sin, cache, i, layout);
            _backend.PagedAttention(q, cache, i, layout, mixed);
            _backend.MatMul(mixed, layer.Output, x, accumulate: true);
            _feedForward.AddTo(layer, _config.RmsNormEpsilon, norm, x);
            Trace?.Invoke($"layer.{i}", x);
        }
    }

    private readonly record struct DecoderPass(Tensor X, Tensor Cos, Tensor Sin, KvCache Cache, AttentionLayout Layout);
}
