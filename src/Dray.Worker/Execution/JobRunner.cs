using System.Security.Cryptography;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Storage;
using Dray.Worker.Telemetry;

namespace Dray.Worker.Execution;

/// <summary>Runs a single job. Its answer is created once in the store; a job that is there already isn't run again.</summary>
internal sealed class JobRunner(IBlobStore store, RequestRunner requests, RowThrottle throttle, ServedModels models, TimeProvider time)
{
    /// <summary>Runs a job, or reads how it ended.</summary>
    public async Task<JobOutcome> RunAsync(RunJob job, CancellationToken cancellationToken)
    {
        if (!BatchPaths.IsId(job.JobId)) return RefuseId(job);
        var path = BatchPaths.Job(job.JobId);
        var content = await store.TryReadAsync(path, cancellationToken);
        if (content is null)
        {
            var identity = RequestIdentity.OfJob(job.JobId, time.GetUtcNow().ToUnixTimeSeconds());
            using var span = RowSpan.Start(models.DefaultName);
            var response = await throttle.RunAsync(() => requests.RunAsync(() => job.Body, identity, cancellationToken), cancellationToken);
            var row = span.Finish(new BatchOutputRow { Id = identity.RowId, CustomId = job.JobId, Response = response });
            await store.TryCreateAsync(path, BlobJson.Write(row), cancellationToken);
            content = await store.TryReadAsync(path, cancellationToken)
                ?? throw new FileNotFoundException($"The answer '{path}' was written but is gone.");
        }

        return OutcomeOf(job, path, content);
    }

    private static JobOutcome OutcomeOf(RunJob job, string path, BlobContent content)
    {
        var row = BlobJson.Read<BatchOutputRow>(content.Bytes.Span, path);
        var response = row.Response ?? throw new InvalidDataException($"The answer '{path}' holds no response.");
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Bytes.Span));
        var output = new BlobDigest { Path = path, Bytes = content.Bytes.Length, Sha256 = sha256 };
        if (!row.IsSuccess)
        {
            var error = response.Body.Deserialize<ErrorResponse>(ContractsJson.Options)!.Error;
            return new JobOutcome(null, Failure(job, response.StatusCode, error, output.Sha256));
        }

        return new JobOutcome(
            new JobCompleted
            {
                EventId = EventIds.Derive(nameof(JobCompleted), job.JobId, output.Sha256),
                JobId = job.JobId,
                Output = output,
                Usage = response.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!.Usage,
                Metadata = job.Metadata,
            },
            null);
    }

    private static JobOutcome RefuseId(RunJob job)
    {
        var message = $"The job_id can't name a job; use 1 to {BatchPaths.MaxIdLength} of A-Z a-z 0-9 _ -.";
        var error = new ErrorBody
        {
            Message = message,
            Type = ErrorBody.InvalidRequestType,
            Param = "job_id",
            Code = ErrorCodes.InvalidRequest,
        };
        return new JobOutcome(null, Failure(job, 400, error, message));
    }

    private static JobFailed Failure(RunJob job, int status, ErrorBody error, string digest) => new()
    {
        EventId = EventIds.Derive(nameof(JobFailed), job.JobId, digest),
        JobId = job.JobId,
        StatusCode = status,
        Error = error,
        Metadata = job.Metadata,
    };
}
