using Dray.Inference.Compute;

namespace Dray.Inference.Tests.Compute;

public sealed class KvCacheShapeTests
{
    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3, 40 * 8 * 2 * (128 + 4))]
    [InlineData(KvCacheDataType.BFloat16, 40 * 8 * 2 * 128 * 2)]
    [InlineData(KvCacheDataType.Float32, 40 * 8 * 2 * 128 * 4)]
    public void BytesPerToken_MistralSmall_CountsScales(KvCacheDataType type, long expected) =>
        new KvCacheShape(40, 1000, 8, 128, type).BytesPerToken.ShouldBe(expected);

    [Theory]
    [InlineData("auto", KvCacheDataType.BFloat16)]
    [InlineData("bf16", KvCacheDataType.BFloat16)]
    [InlineData("bfloat16", KvCacheDataType.BFloat16)]
    [InlineData("fp8", KvCacheDataType.Fp8E4M3)]
    [InlineData("fp8_e4m3", KvCacheDataType.Fp8E4M3)]
    [InlineData("fp32", KvCacheDataType.Float32)]
    public void Parse_Option_GivesTheType(string text, KvCacheDataType expected) => KvCacheDataTypes.Parse(text).ShouldBe(expected);

    [Fact]
    public void Parse_UnknownName_SaysWhatThereIs() =>
        Should.Throw<EngineConfigurationException>(() => KvCacheDataTypes.Parse("fp8_e5m2")).Message.ShouldBe("kv_cache_dtype is 'fp8_e5m2'; give auto, fp8_e4m3, bf16 or fp32.");

    [Fact]
    public void NameOf_EveryType_ParsesBack()
    {
        foreach (var type in Enum.GetValues<KvCacheDataType>()) KvCacheDataTypes.Parse(KvCacheDataTypes.NameOf(type)).ShouldBe(type);
    }
}
