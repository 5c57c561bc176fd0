namespace Dray.Inference.Compute.Cpu;

/// <summary>Where 32 successive tokens' keys and values of one KV head lie.</summary>
/// <remarks>In 32-bit words of whatever the cache holds; distances are in words.</remarks>
/// <param name="LowKeys">Keys of the first 16 tokens, one word's after another's.</param>
/// <param name="HighKeys">Keys of the others; anything readable where there are none.</param>
/// <param name="KeyStride">Distance between successive words of a key.</param>
/// <param name="Values">Values of the first token.</param>
/// <param name="ValueStride">Distance between successive words of a dimension's values, within the same 16 tokens.</param>
/// <param name="ValueJump">What is added from the 16th to the 17th token beyond the stride.</param>
/// <param name="LowScales">Scales of the first 16 keys, then of their values; zero where there are none.</param>
/// <param name="HighScales">Scales of the others.</param>
internal readonly unsafe record struct KeyTile(
    nint LowKeys, nint HighKeys, nint KeyStride, nint Values, nint ValueStride, nint ValueJump, nint LowScales = 0, nint HighScales = 0)
{
    public bool HasScales => LowScales != 0;

    public float* Low => (float*)LowKeys;

    public float* High => (float*)HighKeys;

    public float* Value => (float*)Values;

    /// <summary>Scales of the keys from <paramref name="column"/> on, to the end of their 16.</summary>
    public float* KeyScales(int column) =>
        column < KvCache.BlockTokens ? (float*)LowScales + column : (float*)HighScales + column - KvCache.BlockTokens;

    /// <summary>As <see cref="KeyScales"/>, of the values.</summary>
    public float* ValueScales(int column) => KeyScales(column) + KvCache.BlockTokens;
}
