using ILGPU;

namespace Dray.Inference.Ilgpu.Sampling;

/// <summary>A logit and its token id as one number: greater for a greater logit, and among equals for a lower id. 0 is below all of them.</summary>
internal static class LogitKey
{
    private const uint Sign = 0x80000000;

    public static ulong Of(float logit, int id)
    {
        // The two zeros are equal as numbers.
        var bits = logit == 0f ? 0u : Interop.FloatAsInt(logit);
        var ordered = (bits & Sign) != 0 ? ~bits : bits | Sign;
        return ((ulong)ordered << 32) | ~(uint)id;
    }

    public static float Logit(ulong key)
    {
        var ordered = (uint)(key >> 32);
        return Interop.IntAsFloat((ordered & Sign) != 0 ? ordered ^ Sign : ~ordered);
    }

    public static int Id(ulong key) => (int)~(uint)key;
}
