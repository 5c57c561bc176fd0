using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Page;

/// <summary>Writes batches that are over, or run, into a store as workers leave them there.</summary>
internal static class PageBatch
{
    public const int ChunkRows = 250;

    /// <summary>Writes a batch; of its rows every 1,000th has failed.</summary>
    public static async Task WriteAsync(IBlobStore store, string id, int rows, CancellationToken cancellationToken)
    {
        var (chunks, results, offset) = (new List<BatchChunk>(), new List<ChunkResult>(), 0L);
        using var input = new MemoryStream();
        for (var first = 0; first < rows; first += ChunkRows)
        {
            var (answers, index, failed, count) = (new StringBuilder(), chunks.Count, 0, Math.Min(ChunkRows, rows - first));
            for (var row = first; row < first + count; row++)
            {
                input.Write(Encoding.UTF8.GetBytes(Support.JobLines.Line($"row-{row}", $"prompt {row}") + "\n"));
                var answer = AnswerOf(id, row);
                if (!answer.IsSuccess) failed++;
                answers.Append(Encoding.UTF8.GetString(BlobJson.Write(answer))).Append('\n');
            }

            await store.TryCreateAsync(BatchPaths.Chunk(id, index), Encoding.UTF8.GetBytes(answers.ToString()), cancellationToken);
            chunks.Add(new BatchChunk { Index = index, Offset = offset, Length = input.Length - offset, FirstLine = first + 1, FirstRow = first, Rows = count });
            results.Add(new ChunkResult { Index = index, Completed = count - failed, Failed = failed, Usage = new BatchUsage(), Sha256 = "" });
            offset = input.Length;
        }

        await store.TryCreateAsync(BatchPaths.Input(id), input.ToArray(), cancellationToken);
        var digest = new BlobDigest { Path = BatchPaths.Input(id), Bytes = input.Length, Sha256 = "" };
        await store.TryCreateAsync(BatchPaths.Plan(id), BlobJson.Write(new BatchPlan { Input = digest, Rows = rows, Chunks = chunks }), cancellationToken);
        var state = new BatchState
        {
            ChunkCount = chunks.Count,
            Chunks = results,
            Batch = new Batch
            {
                Id = id,
                InputFileId = digest.Path,
                Status = BatchStatus.Completed,
                CreatedAt = 1_800_000_000,
                InProgressAt = 1_800_000_001,
                CompletedAt = 1_800_000_101,
                OutputFileId = BatchPaths.Output(id),
                RequestCounts = new BatchRequestCounts { Total = rows, Completed = results.Sum(chunk => chunk.Completed), Failed = results.Sum(chunk => chunk.Failed) },
            },
        };
        await store.TryCreateAsync(BatchPaths.State(id), BlobJson.Write(state), cancellationToken);
    }

    private static BatchOutputRow AnswerOf(string id, int row)
    {
        var identity = RequestIdentity.OfRow(id, row, 0);
        object body = row % 1000 == 999
            ? new ErrorResponse { Error = new ErrorBody { Code = ErrorCodes.RowTimeout, Message = $"Row {row} took too long.", Type = ErrorBody.ServerType } }
            : new ChatCompletion
            {
                Id = identity.CompletionId, Created = 0, Model = "fake-model",
                Choices = [new ChatChoice { Index = 0, FinishReason = "stop", Message = new ChatMessage { Content = $"answer {row}" } }],
                Usage = new CompletionUsage { PromptTokens = 5, CompletionTokens = 2, TotalTokens = 7 },
            };
        return new BatchOutputRow
        {
            Id = identity.RowId,
            CustomId = $"row-{row}",
            Response = new BatchRowResponse
            {
                StatusCode = body is ErrorResponse ? 504 : 200, RequestId = identity.RequestId,
                Body = JsonSerializer.SerializeToElement(body, body.GetType(), ContractsJson.Options),
            },
        };
    }
}
