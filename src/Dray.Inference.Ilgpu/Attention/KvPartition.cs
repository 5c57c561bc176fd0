namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// A context is cut at fixed positions into partitions. Attention over each is computed by itself, in order; the results are merged in order.
/// A decode step's groups work on the partitions at the same time, a prompt's group on one after the other: the bits are the same.
/// </summary>
internal static class KvPartition
{
    /// <summary>Tokens in a partition.</summary>
    public const int Tokens = 128;

    /// <summary>Partitions of a context.</summary>
    public static int Of(int context) => (context + Tokens - 1) / Tokens;
}
