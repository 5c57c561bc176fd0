using CsvHelper;
using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Page.Rows;
using Dray.Worker.Storage;
using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Page;

/// <summary>A batch's answers as files to keep.</summary>
internal sealed class BatchDownloads(IBlobStore store, BatchClient client)
{
    private const string JsonLines = "application/jsonl";

    // A cell that a spreadsheet would run as a formula begins with an apostrophe instead.
    private static readonly CsvWriterOptions Csv = new() { Injection = CsvInjection.Escape };

    /// <summary>The rows with an answer, or those without one, of a batch that is over.</summary>
    public async Task<IResult> FileAsync(string batchId, bool succeeded, CancellationToken cancellationToken)
    {
        var snapshot = await client.StatusAsync(batchId, cancellationToken);
        var path = succeeded ? BatchPaths.Output(batchId) : BatchPaths.Errors(batchId);
        if (snapshot.Batch.OutputFileId is null) return NotYet(snapshot);
        return Results.Stream(
            await store.OpenReadAsync(path, cancellationToken: cancellationToken), JsonLines, $"{batchId}-{(succeeded ? "output" : "errors")}.jsonl");
    }

    /// <summary>The rows that are done so far, in the order of the input.</summary>
    public async Task<IResult> PartialAsync(string batchId, CancellationToken cancellationToken)
    {
        var snapshot = await client.StatusAsync(batchId, cancellationToken);
        return Results.Stream(
            async target =>
            {
                await foreach (var (line, _) in new PartialOutput(store).ReadAsync(snapshot.Batch, cancellationToken))
                {
                    await target.WriteAsync(line, cancellationToken);
                    await target.WriteAsync("\n"u8.ToArray(), cancellationToken);
                }
            },
            JsonLines,
            $"{batchId}-partial.jsonl");
    }

    /// <summary>A table of the rows that are done: name, answer, error.</summary>
    public async Task<IResult> TableAsync(string batchId, CancellationToken cancellationToken)
    {
        var snapshot = await client.StatusAsync(batchId, cancellationToken);
        return Results.Stream(target => WriteTableAsync(target, snapshot.Batch, cancellationToken), "text/csv; charset=utf-8", $"{batchId}-answers.csv");
    }

    private async Task WriteTableAsync(Stream target, Batch batch, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(target, Csv, leaveOpen: true);
        await csv.WriteRecordAsync(["custom_id", "answer", "finish_reason", "error_code", "error"], cancellationToken);
        await foreach (var (_, row) in new PartialOutput(store).ReadAsync(batch, cancellationToken))
        {
            var answered = RowViews.Answer(row);
            var answer = string.Join("\n", answered.Answers.Concat(answered.ToolCalls.Select(call => $"{call.Name}({call.Arguments})")));
            string[] record = [row.CustomId, answer, answered.FinishReason ?? "", answered.ErrorCode ?? "", answered.ErrorMessage ?? ""];
            await csv.WriteRecordAsync(record, cancellationToken);
        }
    }

    private static IResult NotYet(BatchSnapshot snapshot) => PageViews.Problem(
        StatusCodes.Status409Conflict, "Not done yet",
        $"The batch is {Words.Status(snapshot.Batch.Status)} and has no such file; take partial.jsonl for the rows that are done.");
}
