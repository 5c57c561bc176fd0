using ILGPU;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary>Sums over the threads of a group through shared memory, in an order that depends on the group's size only.</summary>
internal static class GroupSum
{
    /// <summary>Threads of the groups that add up.</summary>
    public const int Threads = Strips * Strips;

    private const int Strips = 16;

    /// <summary>The sum of every thread's <paramref name="value"/>, in all threads. To be called once in a kernel, which must have a barrier before the next call.</summary>
    public static float Of(float value)
    {
        var values = SharedMemory.Allocate<float>(Threads);
        var sums = SharedMemory.Allocate<float>(Strips);
        var lane = Group.IdxX;
        values[lane] = value;
        Group.Barrier();
        if (lane < Strips)
        {
            var strip = values[lane];
            for (var i = 1; i < Strips; i++) strip += values[(i * Strips) + lane];
            sums[lane] = strip;
        }

        Group.Barrier();
        var total = sums[0];
        for (var i = 1; i < Strips; i++) total += sums[i];
        return total;
    }
}
