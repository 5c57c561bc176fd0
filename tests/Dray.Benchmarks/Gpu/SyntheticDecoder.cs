using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Models;
using Dray.Tests.Checkpoints;

namespace Dray.Benchmarks.Gpu;

/// <summary>A model of random weights on a device, without tokenizer, scheduler and sampler.</summary>
internal sealed class SyntheticDecoder : IDisposable
{
    private const KvCacheDataType KvType = KvCacheDataType.Fp8E4M3;

    private readonly IComputeBackend _backend;
    private readonly Mistral3 _model;
    private readonly KvCache _cache;
    private readonly AttentionLayout _layout = new();
    private readonly int _blocksPerSequence;

    private SyntheticDecoder(IComputeBackend backend, Mistral3 model, int sequences, int context)
    {
        (_backend, _model) = (backend, model);
        _blocksPerSequence = KvCache.BlocksOf(context + 1);
        var text = model.Config.Text;
        _cache = backend.AllocateKvCache(new KvCacheShape(text.Layers, sequences * _blocksPerSequence, text.KvHeads, text.HeadDim, KvType));
    }

    private TextConfig Text => _model.Config.Text;

    /// <summary>Makes a checkpoint resident.</summary>
    /// <param name="backend">The device, which the caller keeps.</param>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="sequences">The most sequences of a pass.</param>
    /// <param name="context">The most tokens of a sequence before a decoding step.</param>
    public static SyntheticDecoder Load(IComputeBackend backend, string folder, int sequences, int context)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return new SyntheticDecoder(backend, Mistral3.Load(backend, checkpoint), sequences, context);
    }

    /// <summary>Writes a folder that shows the first layers of another checkpoint, without copying weights.</summary>
    public static void WriteShallower(string folder, string deeper, int layers)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(deeper).Where(file => Path.GetFileName(file) != "config.json"))
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(deeper, "config.json")))!;
        config["num_hidden_layers"] = layers;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
    }

    /// <summary>Times decoding steps and a prefill batch of sequences that are <paramref name="context"/> tokens long.</summary>
    /// <param name="clock">The backend's clock.</param>
    /// <param name="concurrency">Numbers of sequences to decode.</param>
    /// <param name="context">Tokens of each.</param>
    /// <param name="batchTokens">Tokens of the prefill batch.</param>
    public DecoderTiming Measure(DeviceClock clock, int[] concurrency, int context, int batchTokens)
    {
        var steps = concurrency.Select(sequences => Pass(clock, sequences, context, 1)).ToArray();
        return new DecoderTiming(Text.Layers, false, steps, Pass(clock, batchTokens / context, 0, context));
    }

    public void Dispose()
    {
        _cache.Dispose();
        _model.Dispose();
    }

    private PassTiming Pass(DeviceClock clock, int sequences, int before, int tokens)
    {
        var ids = new int[sequences * tokens];
        var positions = new int[ids.Length];
        for (var i = 0; i < ids.Length; i++) (ids[i], positions[i]) = ((int)(i * 7919L % Text.VocabSize), before + (i % tokens));
        int[] last = [.. Enumerable.Range(1, sequences).Select(sequence => (sequence * tokens) - 1)];
        int[] blocks = [.. Enumerable.Range(0, sequences * _blocksPerSequence)];

        // A token can be chosen only when the pass is done, so each is waited for.
        var seconds = clock.Seconds(_ =>
        {
            _layout.Reset();
            for (var i = 0; i < sequences; i++) _layout.Add(blocks.AsSpan(i * _blocksPerSequence, _blocksPerSequence), before, tokens);
            var x = _model.Decoder.Embed(ids);
            _model.Decoder.Forward(x, positions, _cache, _layout);
            _model.Decoder.Logits(x, last);
            clock.Wait();
        });
        return new PassTiming(sequences, ids.Length, seconds, Bytes(sequences, before), Flops(sequences, before, tokens));
    }

    // All weights but the embedding, of which a pass reads single rows, and the context's keys and values.
    private double Bytes(int sequences, int before) =>
        _model.WeightBytes - (2.0 * Text.VocabSize * Text.HiddenSize) + ((double)sequences * before * _cache.Shape.BytesPerToken);

    private double Flops(int sequences, int before, int tokens)
    {
        var queries = (double)Text.Heads * Text.HeadDim;
        var layer = ((queries * 2) + (2.0 * Text.KvHeads * Text.HeadDim) + (3.0 * Text.IntermediateSize)) * Text.HiddenSize;
        var pairs = ((double)tokens * before) + (tokens * (tokens + 1.0) / 2);
        return sequences * ((2 * Text.Layers * layer * tokens) + (4 * Text.Layers * pairs * queries) + (2.0 * Text.VocabSize * Text.HiddenSize));
    }
}
