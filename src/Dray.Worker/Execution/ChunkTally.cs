using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Execution;

/// <summary>The rows of a chunk that are done, counted.</summary>
/// <param name="Completed">Rows with an answer, those that repeat them included.</param>
/// <param name="Failed">Rows with an error, those that repeat them included.</param>
/// <param name="Usage">Tokens of the answers.</param>
internal sealed record ChunkTally(int Completed, int Failed, BatchUsage Usage)
{
    /// <summary>Gets the tally of no rows.</summary>
    public static ChunkTally Empty { get; } = new(0, 0, new BatchUsage());

    /// <summary>This and one more row, which stands for <paramref name="times"/> rows of the input.</summary>
    public ChunkTally Plus(BatchOutputRow row, int times) => row.IsSuccess
        ? new(Completed + times, Failed, Usage.Plus(UsageOf(row.Response!.Body)))
        : this with { Failed = Failed + times };

    /// <summary>What a batch's state says of chunk number <paramref name="index"/>.</summary>
    public RunningChunk Of(int index) => new() { Index = index, Completed = Completed, Failed = Failed, Usage = Usage };

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
