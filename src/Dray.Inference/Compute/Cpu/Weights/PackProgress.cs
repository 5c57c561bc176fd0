namespace Dray.Inference.Compute.Cpu;

/// <summary>Hands out strips in order, so that threads read the checkpoint side by side from its start to its end.</summary>
internal sealed class PackProgress
{
    private int next = -1;
    private int asymmetric;

    /// <summary>Gets whether every zero point seen was the middle of the code range.</summary>
    public bool IsSymmetric => Volatile.Read(ref asymmetric) == 0;

    public int NextStrip() => Interlocked.Increment(ref next);

    public void FoundAsymmetric() => Volatile.Write(ref asymmetric, 1);
}
