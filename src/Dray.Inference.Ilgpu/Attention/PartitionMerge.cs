using System.Runtime.CompilerServices;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Puts attention over one partition and attention over those before it together.</summary>
internal readonly struct PartitionMerge
{
    /// <summary>The larger of both largest scores.</summary>
    public readonly float Largest;

    private readonly float _before;
    private readonly float _partition;

    /// <param name="before">Largest score before.</param>
    /// <param name="partition">Largest score in the partition.</param>
    public PartitionMerge(float before, float partition)
    {
        Largest = partition > before ? partition : before;
        _before = ExactMath.Exp2(before - Largest);
        _partition = ExactMath.Exp2(partition - Largest);
    }

    /// <summary>A sum over both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(float before, float partition) => ExactMath.Multiply(before, _before) + ExactMath.Multiply(partition, _partition);
}
