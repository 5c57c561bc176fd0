using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Tests;

public sealed class KvCapacityTests
{
    private const long Gibibyte = 1L << 30;

    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3, 40 * 8 * 2 * (128 + 4))]
    [InlineData(KvCacheDataType.BFloat16, 40 * 8 * 2 * 128 * 2)]
    [InlineData(KvCacheDataType.Float32, 40 * 8 * 2 * 128 * 4)]
    public void Compute_MoreMemory_AddsTokensOfTheTypesSize(KvCacheDataType dtype, long bytesPerToken)
    {
        var options = new EngineOptions { KvCacheDtype = dtype, GpuMemoryUtilization = 0.5 };

        var less = KvCapacity.Compute(Text(), options, 13 * Gibibyte, 48 * Gibibyte, "gpu");
        var more = KvCapacity.Compute(Text(), options, 13 * Gibibyte, 64 * Gibibyte, "gpu");

        var expected = 8 * Gibibyte / bytesPerToken;
        (more.Tokens - less.Tokens).ShouldBeInRange(expected - KvCache.BlockTokens, expected + KvCache.BlockTokens);
        more.FullSequences.ShouldBe((int)(more.Tokens / 32768));
    }

    [Fact]
    public void Compute_MoreRoomThanCanBeUsed_StopsAtAllSequencesAtFullLength()
    {
        var capacity = KvCapacity.Compute(Text(), new EngineOptions { MaxModelLen = 1000, MaxNumSeqs = 3 }, 13 * Gibibyte, 512 * Gibibyte, "gpu");

        (capacity.FullSequences, capacity.Tokens).ShouldBe((3, 3 * 1008));
    }

    [Fact]
    public void Compute_NoRoom_SaysWhatEveryTypeNeedsAndWhatCanBeChanged()
    {
        var message = Refusal(new EngineOptions(), 13 * Gibibyte, 14 * Gibibyte);

        // 256 tokens are 20.6, 40 or 80 MiB of KV cache, 32768 tokens 128 times that.
        message.ShouldBe(
            "Weights (13312 MiB), activations of 8192 tokens (1600 MiB) and KV cache together need 14933 MiB with fp8_e4m3 or 14952 MiB with bf16 or 14992 MiB with fp32 " +
            "for 256 tokens of context, 17552 MiB with fp8_e4m3 or 20032 MiB with bf16 or 25152 MiB with fp32 for 32768, but may have 12902 MiB, which is " +
            "gpu_memory_utilization 0.9 of the 14336 MiB of gpu: raise gpu_memory_utilization, lower max_num_batched_tokens, choose a smaller kv_cache_dtype or a device with more memory.");
    }

    [Fact]
    public void Compute_WhatTheRefusalAsksFor_Fits()
    {
        var options = new EngineOptions { GpuMemoryUtilization = 1, KvCacheDtype = KvCacheDataType.BFloat16 };

        Refusal(options, 13 * Gibibyte, 14 * Gibibyte).ShouldContain("14952 MiB with bf16");

        Refusal(options, 13 * Gibibyte, 14951L << 20).ShouldContain("bf16");
        KvCapacity.Compute(Text(), options, 13 * Gibibyte, 14952L << 20, "gpu").Tokens.ShouldBeGreaterThanOrEqualTo(256);
    }

    [Fact]
    public void Compute_LimitBelowAShortSequence_NamesTheLimit() =>
        Refusal(new EngineOptions { MaxKvTokens = 100 }, 13 * Gibibyte, 64 * Gibibyte).ShouldStartWith("max_kv_tokens is 100");

    private static string Refusal(EngineOptions options, long weightBytes, long memoryBytes) =>
        Should.Throw<EngineConfigurationException>(() => KvCapacity.Compute(Text(), options, weightBytes, memoryBytes, "gpu")).Message;

    private static TextConfig Text() => new()
    {
        HiddenSize = 5120,
        Layers = 40,
        Heads = 32,
        KvHeads = 8,
        HeadDim = 128,
        IntermediateSize = 32768,
        VocabSize = 131072,
        RopeTheta = 1e9,
        RmsNormEpsilon = 1e-5f,
        ContextLength = 32768,
        TiedEmbeddings = false,
    };
}
