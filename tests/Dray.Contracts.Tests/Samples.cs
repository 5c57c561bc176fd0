using System.Text.Json;

namespace Dray.Contracts.Tests;

/// <summary>One filled object of every type that is sent or stored.</summary>
internal static class Samples
{
    private static readonly Dictionary<string, string> Pairs = new() { ["team"] = "blue" };

    private static readonly BlobDigest Digest = new() { Path = "batches/b1/manifest.json", Bytes = 12, Sha256 = "ab" };

    private static readonly ErrorBody Error = new() { Message = "It's <wrong> & größer.", Type = ErrorBody.InvalidRequestType, Param = "messages[1].role", Code = ErrorCodes.InvalidRequest };

    private static readonly BatchUsage Usage = new() { InputTokens = 5, OutputTokens = 2, TotalTokens = 7 };

    private static readonly Batch Batch = new()
    {
        Id = "b1",
        Model = "m",
        InputFileId = "in",
        Status = BatchStatus.InProgress,
        CreatedAt = 1,
        InProgressAt = 2,
        RequestCounts = new() { Total = 3, Completed = 2, Failed = 1 },
        Usage = Usage,
        Metadata = Pairs,
        Errors = new() { Data = [new() { Code = "c", Message = "m", Line = 3, Param = "p" }] },
    };

    private static readonly BatchChunk Chunk = new() { Index = 1, Offset = 2, Length = 3, FirstLine = 4, FirstRow = 5, Rows = 6 };

    private static readonly ChunkResult ChunkResult = new() { Index = 1, Completed = 2, Failed = 3, Usage = Usage, Sha256 = "cd" };

    private static readonly CompletionUsage CompletionUsage = new() { PromptTokens = 5, CompletionTokens = 2, TotalTokens = 7 };

    public static ChatCompletion Completion { get; } = new()
    {
        Id = "chatcmpl-1",
        Created = 9,
        Model = "m",
        Choices =
        [
            new() { Index = 0, Message = new() { Content = "größe \U0001F600 <b>" }, FinishReason = "stop" },
            new() { Index = 1, Message = new() { ToolCalls = [new() { Id = "abcdefghi", Function = new() { Name = "f", Arguments = "{\"a\":1}" } }] }, FinishReason = "tool_calls" },
        ],
        Usage = CompletionUsage,
    };

    public static IReadOnlyList<object> All { get; } =
    [
        new RunJob { JobId = "j1", Body = JsonElement.Parse("{\"model\":\"m\"}"), Metadata = Pairs, Priority = JobPriority.High },
        new SubmitBatch { BatchId = "b1", InputPath = "in", ExpiresAt = 7, Priority = JobPriority.Low, MaxTokensTotal = 9, Metadata = Pairs },
        new RunChunk { BatchId = "b1", Chunk = Chunk },
        new CancelBatch { BatchId = "b1" },
        new PauseBatch { BatchId = "b1" },
        new ResumeBatch { BatchId = "b1", MaxTokensTotal = 100 },
        new JobCompleted { EventId = new Guid("0194fdc2-fa2f-8cc0-81d3-ff1204b7aca1"), JobId = "j1", Output = Digest, Usage = CompletionUsage, Metadata = Pairs },
        new JobFailed { EventId = Guid.Empty, JobId = "j1", StatusCode = 400, Error = Error, Metadata = Pairs },
        new BatchProgress { BatchId = "b1", RequestCounts = Batch.RequestCounts, Usage = Usage },
        new BatchCompleted { EventId = Guid.Empty, BatchId = "b1", Batch = Batch, Manifest = Digest },
        new BatchCancelled { EventId = Guid.Empty, BatchId = "b1", Batch = Batch, Manifest = Digest },
        new BatchExpired { EventId = Guid.Empty, BatchId = "b1", Batch = Batch, Manifest = Digest },
        new BatchIncomplete { EventId = Guid.Empty, BatchId = "b1", Batch = Batch },
        new BatchFailed { EventId = Guid.Empty, BatchId = "b1", Batch = Batch },
        new BatchRow { CustomId = "r", Body = JsonElement.Parse("{}") },
        new BatchOutputRow { Id = "i", CustomId = "r", Response = new() { StatusCode = 200, RequestId = "q", Body = JsonElement.Parse("{}") } },
        new ErrorResponse { Error = Error },
        Completion,
        new ChatCompletionChunk
        {
            Id = "chatcmpl-1",
            Created = 9,
            Model = "m",
            Choices =
            [
                new() { Index = 0, Delta = new() { Role = "assistant", Content = "größe" } },
                new() { Index = 1, Delta = new() { ToolCalls = [new() { Index = 0, Id = "abcdefghi", Function = new() { Name = "f", Arguments = "{}" } }] }, FinishReason = "tool_calls" },
            ],
            Usage = CompletionUsage,
        },
        new TextCompletion
        {
            Id = "cmpl-1",
            Created = 9,
            Model = "m",
            Choices =
            [
                new()
                {
                    Index = 0,
                    Text = "a",
                    FinishReason = "stop",
                    Logprobs = new() { Tokens = ["a"], TokenLogprobs = [null, -0.5f], TopLogprobs = [null, new Dictionary<string, float> { ["a"] = -0.5f }], TextOffset = [0] },
                },
            ],
            Usage = CompletionUsage,
        },
        new ModelList { Data = [new() { Id = "m", Created = 9, MaxModelLen = 4096 }] },
        new BatchPlan { Input = Digest, Rows = 6, Chunks = [Chunk], RenamedRows = [new() { Row = 1, CustomId = "line-2", DuplicateOfLine = 1 }], RepeatedRows = [new() { Row = 5, CustomId = "c", OfRow = 2 }] },
        new BatchState { Batch = Batch, ChunkCount = 2, Chunks = [ChunkResult], Running = [new() { Index = 1, Completed = 2, Failed = 1, Usage = Usage }], MaxTokensTotal = 9, InputFileId = "file-1" },
        new BatchSubmission { Input = Digest, InputFileId = "file-1", MaxTokensTotal = 9, Images = [Digest], Priority = JobPriority.High, ExpiresAfterSeconds = 60, CreatedAt = 5, Metadata = Pairs },
        new StoredFile { File = new() { Id = "file-1", Bytes = 3, CreatedAt = 5, FileName = "rows.jsonl", Purpose = BatchFile.InputPurpose }, Content = Digest },
        new BatchManifest
        {
            Batch = Batch,
            Input = Digest,
            Output = Digest,
            Errors = Digest,
            Engine = new() { Version = "1", Backend = "cpu", Model = "m", ModelDigest = "d" },
            Chunks = [ChunkResult],
        },
    ];
}
