using System.Text.Json.Serialization;

namespace Dray.Contracts;

[JsonSerializable(typeof(RunJob))]
[JsonSerializable(typeof(SubmitBatch))]
[JsonSerializable(typeof(RunChunk))]
[JsonSerializable(typeof(CancelBatch))]
[JsonSerializable(typeof(PauseBatch))]
[JsonSerializable(typeof(ResumeBatch))]
[JsonSerializable(typeof(JobCompleted))]
[JsonSerializable(typeof(JobFailed))]
[JsonSerializable(typeof(BatchProgress))]
[JsonSerializable(typeof(BatchCompleted))]
[JsonSerializable(typeof(BatchFailed))]
[JsonSerializable(typeof(BatchCancelled))]
[JsonSerializable(typeof(BatchExpired))]
[JsonSerializable(typeof(BatchIncomplete))]
[JsonSerializable(typeof(BatchRow))]
[JsonSerializable(typeof(BatchOutputRow))]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(BatchSubmission))]
[JsonSerializable(typeof(BatchPlan))]
[JsonSerializable(typeof(BatchState))]
[JsonSerializable(typeof(BatchManifest))]
internal sealed partial class ContractsJsonContext : JsonSerializerContext;
