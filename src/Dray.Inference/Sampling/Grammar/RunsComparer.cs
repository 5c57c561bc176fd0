namespace Dray.Inference.Sampling.Grammar;

/// <summary>Compares sorted sets of runs by content.</summary>
internal sealed class RunsComparer : IEqualityComparer<Run[]>
{
    public static RunsComparer Instance { get; } = new();

    public bool Equals(Run[]? x, Run[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(Run[] runs)
    {
        var hash = (uint)runs.Length;
        foreach (var (state, frame) in runs) hash = (System.Numerics.BitOperations.RotateLeft(hash, 5) ^ (uint)state) * 0x9E3779B1 + (uint)(frame?.Id ?? -1);
        return (int)hash;
    }
}
