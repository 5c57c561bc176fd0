using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Models;

namespace Dray.Quantization.Evaluation;

/// <summary>The decoder of a model of random weights, without tokenizer, scheduler and sampler: runs single passes of any composition.</summary>
internal sealed class SyntheticModel : IDisposable
{
    private readonly TextConfig _shape;
    private readonly MistralDecoder _decoder;
    private readonly KvCache _cache;
    private readonly AttentionLayout _layout = new();
    private readonly int[] _blocks;

    /// <summary>Makes weights and a KV cache resident.</summary>
    /// <param name="backend">Where to; the caller keeps it.</param>
    /// <param name="shape">The model's shape.</param>
    /// <param name="kvTokens">The most tokens of all sequences of a pass together, each counted up to a whole block.</param>
    /// <param name="progress">Told the layers that are resident.</param>
    public SyntheticModel(IComputeBackend backend, TextConfig shape, int kvTokens, IProgress<LoadProgress>? progress = null)
    {
        _shape = shape;
        _decoder = new MistralDecoder(backend, new SyntheticWeights(shape), progress);
        _blocks = [.. Enumerable.Range(0, KvCache.BlocksOf(kvTokens))];
        _cache = backend.AllocateKvCache(new KvCacheShape(shape.Layers, _blocks.Length, shape.KvHeads, shape.HeadDim, KvCacheDataType.Fp8E4M3));
    }

    /// <summary>Gets the bytes of weights that every pass reads.</summary>
    public long StepBytes => _decoder.StepBytes;

    /// <summary>Gets the operations of the layers' matrix products for one token.</summary>
    public double OperationsPerToken
    {
        get
        {
            var heads = (2.0 * _shape.Heads) + (2.0 * _shape.KvHeads);
            return 2.0 * _shape.Layers * _shape.HiddenSize * ((heads * _shape.HeadDim) + (3.0 * _shape.IntermediateSize));
        }
    }

    /// <summary>Takes what passes of up to <paramref name="tokens"/> tokens and <paramref name="sequences"/> sequences need.</summary>
    public void Reserve(int tokens, int sequences) => _decoder.Reserve(tokens, sequences);

    /// <summary>Runs a pass and makes the logits after every sequence's last token.</summary>
    /// <param name="lengths">The tokens of each sequence in the pass.</param>
    /// <param name="before">The tokens of each that are in the cache already.</param>
    /// <param name="most">The most tokens that any sequence has by the end of a series of passes: where its blocks end.</param>
    /// <returns>The logits, a row for each sequence. Valid until the next pass.</returns>
    public Tensor Run(ReadOnlySpan<int> lengths, int before, int most)
    {
        var perSequence = KvCache.BlocksOf(most);
        var tokens = 0;
        foreach (var length in lengths) tokens += length;
        var ids = new int[tokens];
        var positions = new int[tokens];
        var last = new int[lengths.Length];
        _layout.Reset();
        for (var (sequence, row) = (0, 0); sequence < lengths.Length; sequence++)
        {
            _layout.Add(_blocks.AsSpan(sequence * perSequence, perSequence), before, lengths[sequence]);
            for (var i = 0; i < lengths[sequence]; i++, row++) (ids[row], positions[row]) = ((int)(row * 7919L % _shape.VocabSize), before + i);
            last[sequence] = row - 1;
        }

        var x = _decoder.Embed(ids);
        _decoder.Forward(x, positions, _cache, _layout);
        return _decoder.Logits(x, last);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _decoder.Dispose();
    }
}
