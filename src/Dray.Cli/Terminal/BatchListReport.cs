using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Contracts;
using Dray.Worker.Client;

namespace Dray.Cli.Terminal;

/// <summary>A list of batches: a line for each, or OpenAI's list object.</summary>
internal static class BatchListReport
{
    public static async Task WriteAsync(BatchPage page, TextWriter output, TextWriter error)
    {
        if (page.Batches.Count == 0) await error.WriteLineAsync("There are no batches; 'dray submit JOBS.jsonl' makes one.");
        foreach (var snapshot in page.Batches)
        {
            var batch = snapshot.Batch;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{batch.Id}  {BatchReport.Word(batch.Status),-11}  {snapshot.Done} of {batch.RequestCounts.Total} rows done, " +
                $"{batch.RequestCounts.Failed} failed, created {BatchReport.At(batch.CreatedAt)}"));
        }

        if (page.HasMore) await error.WriteLineAsync($"There are more: --after {page.Batches[^1].Batch.Id} goes on.");
    }

    public static JsonObject ToJson(BatchPage page) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. page.Batches.Select(snapshot => JsonSerializer.SerializeToNode(snapshot.Batch, ContractsJson.Options))]),
        ["first_id"] = page.Batches is [var first, ..] ? first.Batch.Id : null,
        ["last_id"] = page.Batches is [.., var last] ? last.Batch.Id : null,
        ["has_more"] = page.HasMore,
    };
}
