namespace Dray.Inference.Compute.Cpu;

/// <summary>Fills each thread's block with ones.</summary>
internal readonly unsafe struct FillJob(NativeBlock[] blocks) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(blocks.Length, grain: 1))
        {
            for (var i = first; i < end; i++) Fill(blocks[i]);
        }
    }

    private static void Fill(NativeBlock block) =>
        new Span<float>(block.Pointer, (int)(block.Bytes / sizeof(float))).Fill(1);
}
