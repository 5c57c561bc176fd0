using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference;

/// <summary>How many KV blocks fit beside weights and activations.</summary>
/// <param name="Blocks">Blocks of <see cref="KvCache.BlockTokens"/> tokens.</param>
/// <param name="ContextLength">The most tokens a sequence can have.</param>
internal readonly record struct KvCapacity(int Blocks, int ContextLength)
{
    /// <summary>The context that must be possible for an engine to be of use, in tokens.</summary>
    private const int ShortContext = 256;

    private const long Mebibyte = 1 << 20;

    /// <summary>Gets the tokens the cache can hold.</summary>
    public long Tokens => (long)Blocks * KvCache.BlockTokens;

    /// <summary>Gets how many sequences of <see cref="ContextLength"/> tokens the cache can hold at a time.</summary>
    public int FullSequences => Blocks / KvCache.BlocksOf(ContextLength);

    /// <param name="text">The model.</param>
    /// <param name="options">What it is to run with.</param>
    /// <param name="weightBytes">Bytes of the resident weights.</param>
    /// <param name="memoryBytes"><see cref="IComputeBackend.MemoryBytes"/>.</param>
    /// <param name="device">Whose memory that is.</param>
    /// <exception cref="EngineConfigurationException">Not even a short sequence fits.</exception>
    public static KvCapacity Compute(TextConfig text, EngineOptions options, long weightBytes, long memoryBytes, string device)
    {
        var context = options.MaxModelLen ?? text.ContextLength;
        if (context > text.ContextLength)
            throw new EngineConfigurationException($"max_model_len is {context}, but the checkpoint's context is {text.ContextLength} tokens. Lower it to that or less.");
        if (!options.EnableChunkedPrefill && context > options.MaxNumBatchedTokens)
        {
            throw new EngineConfigurationException(
                $"enable_chunked_prefill is false, so a prompt of max_model_len ({context}) tokens must fit into max_num_batched_tokens ({options.MaxNumBatchedTokens}). Raise the one or lower the other.");
        }

        var least = Math.Min(context, ShortContext);
        if (options.MaxKvTokens / KvCache.BlockTokens < KvCache.BlocksOf(least))
            throw new EngineConfigurationException($"max_kv_tokens is {options.MaxKvTokens}, but a sequence must be able to have {least} tokens. Raise it to that or more, or leave it out.");

        var usable = (long)(memoryBytes * options.GpuMemoryUtilization);
        var room = usable - weightBytes - ActivationBytes(text, options);
        var wanted = options.MaxKvTokens is { } tokens ? tokens / KvCache.BlockTokens : (long)options.MaxNumSeqs * KvCache.BlocksOf(context);
        var blocks = (int)Math.Clamp(room / KvBytes(text, options.KvCacheDtype, 1), 0, Math.Min(wanted, int.MaxValue / KvCache.BlockTokens));
        if (blocks >= KvCache.BlocksOf(least)) return new KvCapacity(blocks, (int)Math.Min(context, (long)blocks * KvCache.BlockTokens));

        string Needed(int tokens) => string.Join(" or ", KvCacheDataTypes.All.Select(type =>
            $"{(usable - room + KvBytes(text, type, KvCache.BlocksOf(tokens)) + Mebibyte - 1) / Mebibyte} MiB with {KvCacheDataTypes.NameOf(type)}"));
        throw new EngineConfigurationException(
            $"Weights ({weightBytes >> 20} MiB), activations of {options.MaxNumBatchedTokens} tokens ({ActivationBytes(text, options) >> 20} MiB) and KV cache together need " +
            $"{Needed(least)} for {least} tokens of context, {Needed(context)} for {context}, but may have {usable >> 20} MiB, which is gpu_memory_utilization " +
            $"{options.GpuMemoryUtilization} of the {memoryBytes >> 20} MiB of {device}: raise gpu_memory_utilization, lower max_num_batched_tokens, choose a smaller " +
            "kv_cache_dtype or a device with more memory.");
    }

    private static long KvBytes(TextConfig text, KvCacheDataType type, int blocks) =>
        blocks * KvCache.BlockTokens * new KvCacheShape(text.Layers, 1, text.KvHeads, text.HeadDim, type).BytesPerToken;

    private static long ActivationBytes(TextConfig text, EngineOptions options)
    {
        long perToken = (3L * text.HiddenSize) + (((2L * text.Heads) + (2L * text.KvHeads)) * text.HeadDim);
        return ((perToken * options.MaxNumBatchedTokens) + (2048L * 3 * text.IntermediateSize) + (2L * options.MaxNumSeqs * text.VocabSize)) * sizeof(float);
    }
}
