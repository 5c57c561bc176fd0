using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference;

/// <summary>How many KV blocks fit beside weights and activations.</summary>
/// <param name="Blocks">Blocks of <see cref="KvCache.BlockTokens"/> tokens.</param>
/// <param name="ContextLength">The most tokens a sequence can have.</param>
internal readonly record struct KvCapacity(int Blocks, int ContextLength)
{
    /// <summary>Gets the tokens the cache can hold.</summary>
    public long Tokens => (long)Blocks * KvCache.BlockTokens;

    /// <summary>Gets how many sequences of <see cref="ContextLength"/> tokens the cache can hold at a time.</summary>
    public int FullSequences => Blocks / KvCache.BlocksOf(ContextLength);

    /// <exception cref="EngineConfigurationException">Not even a short sequence fits.</exception>
    public static KvCapacity Compute(TextConfig text, EngineOptions options, long weightBytes, long memoryBytes)
    {
        var context = options.MaxModelLen ?? text.ContextLength;
        if (context > text.ContextLength)
            throw new EngineConfigurationException($"max_model_len is {context}, but the checkpoint's context is {text.ContextLength} tokens. Lower it to that or less.");
        if (!options.EnableChunkedPrefill && context > options.MaxNumBatchedTokens)
        {
            throw new EngineConfigurationException(
                $"enable_chunked_prefill is false, so a prompt of max_model_len ({context}) tokens must fit into max_num_batched_tokens ({options.MaxNumBatchedTokens}). Raise the one or lower the other.");
        }

        var blockBytes = KvCache.BlockTokens * new KvCacheShape(text.Layers, 1, text.KvHeads, text.HeadDim, options.KvCacheDtype).BytesPerToken;
        var room = (long)(memoryBytes * options.GpuMemoryUtilization) - weightBytes - ActivationBytes(text, options);
        var wanted = options.MaxKvTokens is { } tokens ? tokens / KvCache.BlockTokens : (long)options.MaxNumSeqs * KvCache.BlocksOf(context);
        var blocks = (int)Math.Clamp(room / blockBytes, 0, Math.Min(wanted, int.MaxValue / KvCache.BlockTokens));
        if (blocks < KvCache.BlocksOf(Math.Min(context, 256)))
        {
            throw new EngineConfigurationException(
                $"The KV cache has room for {(long)blocks * KvCache.BlockTokens} tokens only: {weightBytes >> 20} MiB of weights and the activations of " +
                $"{options.MaxNumBatchedTokens} tokens leave {room >> 20} MiB of the {memoryBytes >> 20} MiB × {options.GpuMemoryUtilization} that may be used. " +
                "Raise gpu_memory_utilization, lower max_num_batched_tokens or choose a smaller kv_cache_dtype.");
        }

        return new KvCapacity(blocks, (int)Math.Min(context, (long)blocks * KvCache.BlockTokens));
    }

    private static long ActivationBytes(TextConfig text, EngineOptions options)
    {
        long perToken = (3L * text.HiddenSize) + (((2L * text.Heads) + (2L * text.KvHeads)) * text.HeadDim);
        return ((perToken * options.MaxNumBatchedTokens) + (2048L * 3 * text.IntermediateSize) + (2L * options.MaxNumSeqs * text.VocabSize)) * sizeof(float);
    }
}
