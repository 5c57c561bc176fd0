namespace Dray.Inference.Compute.Cpu;

/// <summary>Runs <see cref="IntegerPeakKernel"/> or <see cref="MatrixPeakKernel"/> on every thread.</summary>
internal readonly unsafe struct AssembledPeakJob(TileKernels kernel, int rounds) : ITeamJob
{
    public void Execute(int thread, int threads)
    {
        var configuration = stackalloc byte[MatrixTiles.ConfigurationBytes];
        var arguments = new AssembledTileArguments { Segments = rounds, Scratch = configuration };
        kernel.Run(1, &arguments);
    }
}
