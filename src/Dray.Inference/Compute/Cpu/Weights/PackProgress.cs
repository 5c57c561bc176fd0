namespace Dray.Inference.Compute.Cpu;

/// <summary>Hands out strips in order, so that threads read the checkpoint side by side from its start to its end.</summary>
internal sealed class PackProgress
{
    private int _next = -1;
    private int _asymmetric;

    /// <summary>Gets whether every zero point seen was the middle of the code range.</summary>
    public bool IsSymmetric => Volatile.Read(ref _asymmetric) == 0;

    public int NextStrip() => Interlocked.Increment(ref _next);

    public void FoundAsymmetric() => Volatile.Write(ref _asymmetric, 1);
}
