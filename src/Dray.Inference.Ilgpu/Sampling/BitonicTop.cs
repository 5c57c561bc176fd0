using ILGPU;

namespace Dray.Inference.Ilgpu.Sampling;

/// <summary>
/// The greatest <see cref="Run"/> of <see cref="Keys"/> keys in shared memory, by a group (Shanbhag, Pirk and Madden, "Efficient Top-K Query
/// Processing on Massively Parallel Hardware", 2018): runs are sorted, every second one upwards; of two neighbours the greater of each pair
/// of elements are those of both that can be among the greatest, and are sorted again.
/// </summary>
internal static class BitonicTop
{
    /// <summary>Keys of a sorted run, and of the result.</summary>
    public const int Run = 64;

    /// <summary>Keys to choose from: 32 KiB of shared memory.</summary>
    public const int Keys = 4096;

    /// <summary>Threads of the group.</summary>
    public const int Threads = 256;

    /// <summary>Sorts all runs: even ones downwards, odd ones upwards.</summary>
    public static void SortRuns(ArrayView<ulong> keys)
    {
        for (var width = 2; width <= Run; width *= 2)
        {
            for (var distance = width / 2; distance > 0; distance /= 2)
            {
                for (var pair = Group.IdxX; pair < Keys / 2; pair += Threads)
                {
                    var first = (2 * distance * (pair / distance)) + (pair % distance);
                    Order(keys, first, first + distance, (first & width) == 0);
                }

                Group.Barrier();
            }
        }
    }

    /// <summary>From sorted runs to the greatest keys, downwards in the first run. What the others hold afterwards is open.</summary>
    public static void Merge(ArrayView<ulong> keys)
    {
        for (var stride = Run; stride < Keys; stride *= 2)
        {
            var runs = Keys / (2 * stride);
            for (var i = Group.IdxX; i < runs * Run; i += Threads)
            {
                var first = (i / Run * 2 * stride) + (i % Run);
                var (a, b) = (keys[first], keys[first + stride]);
                keys[first] = a > b ? a : b;
            }

            Group.Barrier();
            for (var distance = Run / 2; distance > 0; distance /= 2)
            {
                for (var i = Group.IdxX; i < runs * (Run / 2); i += Threads)
                {
                    var (run, pair) = (i / (Run / 2), i % (Run / 2));
                    var first = (run * 2 * stride) + (2 * distance * (pair / distance)) + (pair % distance);
                    Order(keys, first, first + distance, (run & 1) == 0);
                }

                Group.Barrier();
            }
        }
    }

    private static void Order(ArrayView<ulong> keys, int first, int second, bool downwards)
    {
        var (a, b) = (keys[first], keys[second]);
        if (a < b != downwards) return;
        keys[first] = b;
        keys[second] = a;
    }
}
