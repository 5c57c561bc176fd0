namespace Dray.Inference.Compute.Cpu;

/// <summary>Runs <see cref="IntegerPeakKernel"/> on every thread.</summary>
internal readonly unsafe struct AssembledPeakJob(TileKernels kernel, int rounds) : ITeamJob
{
    public void Execute(int thread, int threads)
    {
        var arguments = new AssembledTileArguments { Segments = rounds };
        kernel.Run(1, &arguments);
    }
}
