using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Models;

/// <summary>
/// A loaded model without scheduler or sampler: runs a text from position 0 and shows the logits at its positions, as evaluation
/// needs it. Not thread-safe.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    /// <summary>Logits of so many positions are made at a time.</summary>
    private const int PositionsAtOnce = 64;

    private readonly IComputeBackend _backend;
    private readonly Mistral3 _model;
    private readonly KvCacheDataType _kvCacheDtype;
    private readonly AttentionLayout _layout = new();
    private KvCache? _cache;
    private float[] _logits = [];

    private LanguageModel(IComputeBackend backend, Mistral3 model, KvCacheDataType kvCacheDtype, TekkenTokenizer tokenizer) =>
        (_backend, _model, _kvCacheDtype, Tokenizer) = (backend, model, kvCacheDtype, tokenizer);

    /// <summary>Receives the logits [count, vocabulary] after the tokens at <paramref name="position"/>..</summary>
    public delegate void LogitsReader(int position, int count, ReadOnlySpan<float> logits);

    /// <summary>Gets the tokenizer.</summary>
    public TekkenTokenizer Tokenizer { get; }

    /// <summary>Gets the width of a row of logits.</summary>
    public int Vocabulary => _model.Config.Text.VocabSize;

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => _model.WeightBytes;

    /// <summary>Gets the most tokens a text can have.</summary>
    public int ContextLength => _model.Config.Text.ContextLength;

    /// <summary>Loads a checkpoint folder onto <paramref name="backend"/>, which the caller keeps.</summary>
    /// <exception cref="CheckpointException">The folder does not hold a checkpoint that Dray can run.</exception>
    /// <exception cref="EngineConfigurationException">The weights don't fit into the backend's memory.</exception>
    public static LanguageModel Load(
        string folder, IComputeBackend backend, KvCacheDataType kvCacheDtype = KvCacheDataType.Float32, IProgress<LoadProgress>? progress = null)
    {
        using var checkpoint = Checkpoint.Open(folder);
        var tokenizer = CheckpointTokenizer.Load(checkpoint.Folder, checkpoint.Config);
        return new LanguageModel(backend, Mistral3.Load(backend, checkpoint, progress), kvCacheDtype, tokenizer);
    }

    /// <summary>Runs <paramref name="ids"/> from position 0 and hands over the logits of positions from <paramref name="first"/> on.</summary>
    public void Run(ReadOnlySpan<int> ids, int first, LogitsReader read)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Length, ContextLength, nameof(ids));
        Reserve(ids.Length);
        _layout.Reset();
        _layout.Add(Range(0, KvCache.BlocksOf(ids.Length)), 0, ids.Length);
        var x = _model.Decoder.Embed(ids);
        _model.Decoder.Forward(x, Range(0, ids.Length), _cache!, _layout);
        for (var position = first; position < ids.Length; position += PositionsAtOnce)
        {
            var count = Math.Min(PositionsAtOnce, ids.Length - position);
            var rows = _logits.AsSpan(0, count * Vocabulary);
            _backend.Download(_model.Decoder.Logits(x, Range(position, count)), rows);
            read(position, count, rows);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache?.Dispose();
        _model.Dispose();
    }

    private void Reserve(int tokens)
    {
        if (_logits.Length == 0) _logits = new float[PositionsAtOnce * Vocabulary];
        var blocks = KvCache.BlocksOf(tokens);
        if (_cache is not null && _cache.Shape.Blocks >= blocks) return;
        _cache?.Dispose();
        var text = _model.Config.Text;
        _cache = _backend.AllocateKvCache(new KvCacheShape(text.Layers, blocks, text.KvHeads, text.HeadDim, _kvCacheDtype));
    }

    private static int[] Range(int first, int count) => [.. Enumerable.Range(first, count)];
}
