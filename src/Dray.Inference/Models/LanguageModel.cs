using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Models;

/// <summary>
/// A loaded model without scheduler or sampler: runs texts from position 0, several of a length together, goes on with a token of each, and shows
/// the logits at their positions, as evaluation needs it. Not thread-safe.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    /// <summary>
    /// Rows of logits that are best made at a time: eight times the rows of a kernel's tile, which still lie in the last-level cache when they are read.
    /// </summary>
    public const int RowsAtOnce = 96;

    private readonly IComputeBackend _backend;
    private readonly Mistral3 _model;
    private readonly KvCacheDataType _kvCacheDtype;
    private readonly AttentionLayout _layout = new();
    private KvCache? _cache;
    private readonly LogitRows _logits = new();
    private readonly List<int> _blocks = [];
    private readonly List<int> _positions = [];
    private Tensor _hidden;
    private int _texts;
    private int _room;
    private int _length;

    private LanguageModel(IComputeBackend backend, Mistral3 model, KvCacheDataType kvCacheDtype, TekkenTokenizer tokenizer) =>
        (_backend, _model, _kvCacheDtype, Tokenizer) = (backend, model, kvCacheDtype, tokenizer);

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

    /// <summary>Runs texts of equal length together, each by itself from position 0.</summary>
    /// <param name="ids">The texts' tokens, one text after another.</param>
    /// <param name="texts">The number of texts.</param>
    /// <param name="room">Tokens that each text may grow to by <see cref="Continue"/>, or 0 where it stays as it is.</param>
    public void Run(ReadOnlySpan<int> ids, int texts = 1, int room = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(texts, 1);
        TensorGuard.HasLength(ids.Length % texts, 0);
        (_texts, _length, _room) = (texts, 0, Math.Max(room, ids.Length / texts));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_room, ContextLength, nameof(room));
        Reserve(texts * KvCache.BlocksOf(_room));
        Forward(ids);
    }

    /// <summary>Adds one token to each text of the last run.</summary>
    public void Continue(ReadOnlySpan<int> ids)
    {
        TensorGuard.HasLength(ids.Length, _texts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_length + 1, _room, nameof(ids));
        Forward(ids);
    }

    /// <summary>The logits after tokens of the last <see cref="Run"/> or <see cref="Continue"/>, by their places in its ids. Valid until the next call.</summary>
    public LogitRows Logits(int first, int count)
    {
        Span<int> rows = stackalloc int[Math.Min(count, RowsAtOnce)];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, RowsAtOnce);
        for (var i = 0; i < rows.Length; i++) rows[i] = first + i;
        return Logits(rows);
    }

    /// <summary>The logits after the tokens at <paramref name="rows"/> of the last ids. Valid until the next call.</summary>
    public LogitRows Logits(ReadOnlySpan<int> rows)
    {
        _logits.Take(_backend, _model.Decoder.Logits(_hidden, rows));
        return _logits;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache?.Dispose();
        _model.Dispose();
    }

    private void Forward(ReadOnlySpan<int> ids)
    {
        var (tokens, blocks) = (ids.Length / _texts, KvCache.BlocksOf(_room));
        _layout.Reset();
        _positions.Clear();
        for (var text = 0; text < _texts; text++)
        {
            _layout.Add(CollectionsMarshal.AsSpan(_blocks).Slice(text * blocks, blocks), _length, tokens);
            for (var i = 0; i < tokens; i++) _positions.Add(_length + i);
        }

        _hidden = _model.Decoder.Embed(ids);
        _model.Decoder.Forward(_hidden, CollectionsMarshal.AsSpan(_positions), _cache!, _layout);
        _length += tokens;
    }

    private void Reserve(int blocks)
    {
        while (_blocks.Count < blocks) _blocks.Add(_blocks.Count);
        if (_cache is not null && _cache.Shape.Blocks >= blocks) return;
        _cache?.Dispose();
        var text = _model.Config.Text;
        _cache = _backend.AllocateKvCache(new KvCacheShape(text.Layers, blocks, text.KvHeads, text.HeadDim, _kvCacheDtype));
    }
}
