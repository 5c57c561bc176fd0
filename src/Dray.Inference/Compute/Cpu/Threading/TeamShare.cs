namespace Dray.Inference.Compute.Cpu;

/// <summary>Static division of work: a thread gets the same share of the same matrix every time, which its caches then know.</summary>
internal static class TeamShare
{
    /// <summary>First and end of the share of <paramref name="thread"/>.</summary>
    public static (int First, int End) Of(int items, int thread, int threads) =>
        ((int)((long)items * thread / threads), (int)((long)items * (thread + 1) / threads));
}
