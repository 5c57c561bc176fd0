namespace Dray.Inference.Compute.Cpu;

/// <summary>Fills each thread's block with ones.</summary>
internal readonly unsafe struct FillJob(NativeBlock[] blocks) : ITeamJob
{
    public void Execute(int thread, int threads)
    {
        var block = blocks[thread];
        new Span<float>(block.Pointer, (int)(block.Bytes / sizeof(float))).Fill(1);
    }
}
