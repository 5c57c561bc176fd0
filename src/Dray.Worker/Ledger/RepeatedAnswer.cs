using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Execution;

namespace Dray.Worker.Ledger;

/// <summary>The answer of a row that repeats an earlier one: the same words under its own ids, for no tokens.</summary>
internal static class RepeatedAnswer
{
    /// <summary>Makes it from the earlier row's.</summary>
    public static BatchOutputRow Of(BatchOutputRow first, RepeatedRow repeated, Batch batch)
    {
        var identity = RequestIdentity.OfRow(batch.Id, repeated.Row, batch.CreatedAt);
        var row = first with { Id = identity.RowId, CustomId = repeated.CustomId };
        if (first.Response is not { } response) return row;
        response = response with { RequestId = identity.RequestId };
        if (!first.IsSuccess) return row with { Response = response };
        var completion = response.Body.Deserialize<ChatCompletion>(ContractsJson.Options)! with
        {
            Id = identity.CompletionId,
            Usage = new CompletionUsage { PromptTokens = 0, CompletionTokens = 0, TotalTokens = 0 },
        };
        return row with { Response = response with { Body = JsonSerializer.SerializeToElement(completion, ContractsJson.Options) } };
    }
}
