namespace Dray.Inference.Compute.Cpu;

/// <summary>Runs <see cref="IntegerPeakKernel"/> or <see cref="MatrixPeakKernel"/> once for every thread.</summary>
internal readonly unsafe struct AssembledPeakJob(TileKernels kernel, int rounds) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(share.Threads, grain: 1))
        {
            for (var i = first; i < end; i++) Multiply();
        }
    }

    private void Multiply()
    {
        var configuration = stackalloc byte[MatrixTiles.ConfigurationBytes];
        var arguments = new AssembledTileArguments { Segments = rounds, Scratch = configuration };
        kernel.Run(1, &arguments);
    }
}
