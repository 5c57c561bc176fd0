using Dray.Contracts;

namespace Dray.Worker.Execution;

/// <summary>What is known of a row of a chunk before its line is read.</summary>
/// <param name="Identity">Its ids.</param>
/// <param name="Renamed">Set where it has no usable <c>custom_id</c> of its own.</param>
/// <param name="Times">For how many rows of the input it runs: itself and those that repeat it; 0 where it repeats another itself.</param>
internal readonly record struct ChunkPlace(RequestIdentity Identity, RenamedRow? Renamed, int Times)
{
    /// <summary>The rows of a chunk, in input order.</summary>
    public static ChunkPlace[] Of(BatchPlan plan, BatchChunk chunk, Batch batch)
    {
        var places = new ChunkPlace[chunk.Rows];
        for (var place = 0; place < places.Length; place++)
            places[place] = new ChunkPlace(RequestIdentity.OfRow(batch.Id, chunk.FirstRow + place, batch.CreatedAt), null, 1);

        bool TryPlace(long row, out int place)
        {
            place = (int)Math.Clamp(row - chunk.FirstRow, -1, chunk.Rows);
            return place >= 0 && place < chunk.Rows;
        }

        foreach (var renamed in plan.RenamedRows)
        {
            if (TryPlace(renamed.Row, out var place)) places[place] = places[place] with { Renamed = renamed };
        }

        foreach (var repeated in plan.RepeatedRows)
        {
            if (TryPlace(repeated.Row, out var place)) places[place] = places[place] with { Times = 0 };
            if (TryPlace(repeated.OfRow, out place)) places[place] = places[place] with { Times = places[place].Times + 1 };
        }

        return places;
    }
}
