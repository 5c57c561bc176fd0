namespace Dray.Inference.Compute;

/// <summary>How a KV cache holds its numbers.</summary>
public enum KvCacheDataType
{
    /// <summary>float32: nothing is lost. For comparisons with upstream.</summary>
    Float32,

    /// <summary>bfloat16, rounded to nearest even.</summary>
    BFloat16,

    /// <summary>fp8 e4m3fn with a float32 scale per token and KV head, for keys and values each; see <see cref="KvHeadScale"/>.</summary>
    Fp8E4M3,
}
