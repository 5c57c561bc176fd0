namespace Dray.Inference.Compute.Cpu;

/// <summary><c>y[m] = table[ids[m]]</c>: a strided read of one lane of a strip per row.</summary>
internal readonly unsafe struct EmbeddingJob(PackedPart table, int* ids, RowView y) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(y.Rows))
        {
            for (var m = first; m < end; m++) table.CopyRow(ids[m], new Span<float>(y.Row(m), y.Columns));
        }
    }
}
