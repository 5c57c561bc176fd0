namespace Dray.Inference.Compute.Cpu;

/// <summary>Where 32 successive tokens' keys and values of one KV head lie.</summary>
/// <param name="LowKeys">Keys of the first 16 tokens, one dimension's after another's.</param>
/// <param name="HighKeys">Keys of the others; anything readable where there are none.</param>
/// <param name="KeyStride">Distance between dimensions.</param>
/// <param name="Values">Values of the first token.</param>
/// <param name="ValueStride">Distance between tokens of the same 16.</param>
/// <param name="ValueJump">What is added from the 16th to the 17th token beyond the stride.</param>
internal readonly unsafe record struct KeyTile(
    nint LowKeys, nint HighKeys, nint KeyStride, nint Values, nint ValueStride, nint ValueJump)
{
    public float* Low => (float*)LowKeys;

    public float* High => (float*)HighKeys;

    public float* Value => (float*)Values;
}
