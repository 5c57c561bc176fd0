using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Execution;

/// <summary>The rows of a chunk that are done, counted.</summary>
/// <param name="Completed">Rows with an answer.</param>
/// <param name="Failed">Rows with an error.</param>
/// <param name="Usage">Tokens of the answers.</param>
internal sealed record ChunkTally(int Completed, int Failed, BatchUsage Usage)
{
    /// <summary>Gets the tally of no rows.</summary>
    public static ChunkTally Empty { get; } = new(0, 0, new BatchUsage());

    /// <summary>This and one more row.</summary>
    public ChunkTally Plus(BatchOutputRow row) =>
        row.IsSuccess ? new(Completed + 1, Failed, Usage.Plus(UsageOf(row.Response!.Body))) : this with { Failed = Failed + 1 };

    private static BatchUsage UsageOf(JsonElement body)
    {
        var usage = body.GetProperty("usage");
        return new BatchUsage
        {
            InputTokens = usage.GetProperty("prompt_tokens").GetInt64(),
            OutputTokens = usage.GetProperty("completion_tokens").GetInt64(),
            TotalTokens = usage.GetProperty("total_tokens").GetInt64(),
        };
    }
}
