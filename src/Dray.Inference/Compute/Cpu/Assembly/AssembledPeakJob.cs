namespace Dray.Inference.Compute.Cpu;

/// <summary>Runs a <see cref="PeakKernel"/> on every thread.</summary>
internal readonly unsafe struct AssembledPeakJob(ICodeHost code, Workspace workspace, int turns) : ITeamJob
{
    public void Execute(int thread, int threads)
    {
        var arguments = new AssembledTileArguments
        {
            Segments = turns,
            Scratch = (byte*)workspace.Own(thread, MatrixTiles.ScratchBytes / sizeof(float)),
        };
        code.Call(0, &arguments);
    }
}
