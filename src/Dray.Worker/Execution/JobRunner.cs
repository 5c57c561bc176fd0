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
    /// <summary>Deliveries that came to nothing, from which on a job runs while nothing else does.</summary>
    private const int DeliveriesBeforeSuspicion = 2;

    /// <summary>Runs a job, or reads how it ended.</summary>
    /// <param name="job">The job.</param>
    /// <param name="deliveries">How often it was delivered before.</param>
    /// <param name="handBack">Cancelled when it isn't to begin any more.</param>
    /// <param name="cancellationToken">Cancelled when it is to be given up where it runs.</param>
    public async Task<JobOutcome> RunAsync(RunJob job, long deliveries, CancellationToken handBack, CancellationToken cancellationToken)
    {
        if (!BatchPaths.IsId(job.JobId)) return RefuseId(job);
        var path = BatchPaths.Job(job.JobId);
        var content = await store.TryReadAsync(path, cancellationToken);
        if (content is null)
        {
            var identity = RequestIdentity.OfJob(job.JobId, time.GetUtcNow().ToUnixTimeSeconds());
            using var span = RowSpan.Start(models.DefaultName);
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(handBack, cancellationToken);
            Task<BatchRowResponse> Ask() => requests.RunAsync(() => job.Body, identity, job.Priority, cancellationToken);
            var response = deliveries < DeliveriesBeforeSuspicion
                ? await throttle.RunAsync(job.Priority, Ask, waiting.Token)
                : await RunAloneAsync(job, identity, Ask, waiting.Token);
            var row = span.Finish(new BatchOutputRow { Id = identity.RowId, CustomId = job.JobId, Response = response });
            await store.TryCreateAsync(path, BlobJson.Write(row), cancellationToken);
            if (deliveries >= DeliveriesBeforeSuspicion) await store.DeleteAsync(BatchPaths.JobAttempts(job.JobId), cancellationToken);
            content = await store.TryReadAsync(path, cancellationToken)
                ?? throw new FileNotFoundException($"The answer '{path}' was written but is gone.");
        }

        return OutcomeOf(job, path, content);
    }

    private async Task<BatchRowResponse> RunAloneAsync(
        RunJob job, RequestIdentity identity, Func<Task<BatchRowResponse>> ask, CancellationToken waiting)
    {
        var attempts = await AttemptLog.OpenAsync(store, BatchPaths.JobAttempts(job.JobId), waiting);
        return await throttle.RunAloneAsync(() => attempts.RunAsync(identity, ask, waiting), waiting);
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
