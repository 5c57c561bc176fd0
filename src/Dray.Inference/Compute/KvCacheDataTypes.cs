using System.Diagnostics.CodeAnalysis;

namespace Dray.Inference.Compute;

/// <summary>Names and sizes of <see cref="KvCacheDataType"/>.</summary>
public static class KvCacheDataTypes
{
    /// <summary>The values of the option <c>kv_cache_dtype</c>, for help texts.</summary>
    public const string OptionValues = "auto, fp8_e4m3, bf16 or fp32";

    /// <summary>Gets every type, the smallest first.</summary>
    public static IReadOnlyList<KvCacheDataType> All { get; } = [KvCacheDataType.Fp8E4M3, KvCacheDataType.BFloat16, KvCacheDataType.Float32];

    /// <summary>Reads the option's value, vLLM's names and <c>fp32</c>: <c>auto</c> is bf16, <c>fp8</c> is e4m3.</summary>
    /// <exception cref="EngineConfigurationException">There is no such type.</exception>
    public static KvCacheDataType Parse(string text) => TryParse(text, out var type) ? type.Value : throw new EngineConfigurationException(
        $"kv_cache_dtype is '{text}'; give {OptionValues}.");

    /// <summary>Reads the option's value as <see cref="Parse"/> does.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KvCacheDataType? type)
    {
        type = text switch
        {
            "fp8_e4m3" or "fp8" => KvCacheDataType.Fp8E4M3,
            "bf16" or "bfloat16" or "auto" => KvCacheDataType.BFloat16,
            "fp32" or "float32" => KvCacheDataType.Float32,
            _ => null,
        };
        return type is not null;
    }

    /// <summary>The option's value for a type.</summary>
    public static string NameOf(KvCacheDataType type) => type switch
    {
        KvCacheDataType.Fp8E4M3 => "fp8_e4m3",
        KvCacheDataType.BFloat16 => "bf16",
        _ => "fp32",
    };

    /// <summary>Elements in a 32-bit word: 1, 2 or 4.</summary>
    public static int PerWord(KvCacheDataType type) => type switch
    {
        KvCacheDataType.Fp8E4M3 => 4,
        KvCacheDataType.BFloat16 => 2,
        _ => 1,
    };

    /// <summary>32-bit words that a head's key, or value, of one token takes, without its scale.</summary>
    public static int HeadWords(KvCacheDataType type, int headDim) => (headDim + PerWord(type) - 1) / PerWord(type);

    /// <summary>Bytes that a head's key, or value, of one token takes, its scale included.</summary>
    public static int HeadBytes(KvCacheDataType type, int headDim) =>
        checked((HeadWords(type, headDim) + (type == KvCacheDataType.Fp8E4M3 ? 1 : 0)) * sizeof(float));
}
