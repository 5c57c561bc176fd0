using ILGPU;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary>Sums over the threads of a group through shared memory, in an order that depends on the group's size only.</summary>
internal static class GroupSum
{
    /// <summary>The sum of every thread's <paramref name="value"/>, in all threads. The group has <see cref="Threads"/> threads.</summary>
    public static float Of(float value)
    {
        var sums = SharedMemory.Allocate<float>(Threads);
        var lane = Group.IdxX;
        sums[lane] = value;
        Group.Barrier();
        for (var half = Threads / 2; half > 0; half /= 2)
        {
            if (lane < half) sums[lane] += sums[lane + half];
            Group.Barrier();
        }

        return sums[0];
    }

    /// <summary>Threads of the groups that add up.</summary>
    public const int Threads = 256;
}
