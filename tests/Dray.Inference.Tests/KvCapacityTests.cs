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

        var less = KvCapacity.Compute(Text(), options, 13 * Gibibyte, 48 * Gibibyte);
        var more = KvCapacity.Compute(Text(), options, 13 * Gibibyte, 64 * Gibibyte);

        var expected = 8 * Gibibyte / bytesPerToken;
        (more.Tokens - less.Tokens).ShouldBeInRange(expected - KvCache.BlockTokens, expected + KvCache.BlockTokens);
        more.FullSequences.ShouldBe((int)(more.Tokens / 32768));
    }

    [Fact]
    public void Compute_MoreRoomThanCanBeUsed_StopsAtAllSequencesAtFullLength()
    {
        var capacity = KvCapacity.Compute(Text(), new EngineOptions { MaxModelLen = 1000, MaxNumSeqs = 3 }, 13 * Gibibyte, 512 * Gibibyte);

        (capacity.FullSequences, capacity.Tokens).ShouldBe((3, 3 * 1008));
    }

    [Fact]
    public void Compute_NoRoom_NamesWhatCanBeChanged() =>
        Should.Throw<EngineConfigurationException>(() => KvCapacity.Compute(Text(), new EngineOptions(), 13 * Gibibyte, 14 * Gibibyte))
            .Message.ShouldContain("kv_cache_dtype");

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
