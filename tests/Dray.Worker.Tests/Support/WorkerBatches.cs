using System.Text;
using Dray.Contracts;
using Dray.Worker.Storage;
using MassTransit;

namespace Dray.Worker.Tests.Support;

/// <summary>What tests do with the batches of a <see cref="WorkerFixture"/>.</summary>
internal static class WorkerBatches
{
    public static async Task SubmitAsync(this WorkerFixture worker, SubmitBatch submit, string input, CancellationToken cancellationToken)
    {
        (await worker.Store.TryCreateAsync(BatchPaths.Input(submit.BatchId), Encoding.UTF8.GetBytes(input), cancellationToken)).ShouldBeTrue();
        await worker.Bus.Publish(submit, cancellationToken);
    }

    public static async Task<BatchState> StateAsync(this WorkerFixture worker, string batchId, CancellationToken cancellationToken) =>
        (await worker.Store.TryReadJsonAsync<BatchState>(BatchPaths.State(batchId), cancellationToken)).ShouldNotBeNull();

    /// <summary>Waits until the rows of the batch that are done, those of running chunks included, are so many.</summary>
    public static Task WaitForRowsAsync(this WorkerFixture worker, string batchId, long rows, CancellationToken cancellationToken) => Until.EqualAsync(
        async () =>
        {
            var counts = Worker.Ledger.RunningRows.Included(await worker.StateAsync(batchId, cancellationToken)).RequestCounts;
            return counts.Completed + counts.Failed;
        },
        rows,
        cancellationToken);

    public static Task WaitForStatusAsync(this WorkerFixture worker, string batchId, BatchStatus status, CancellationToken cancellationToken) =>
        Until.EqualAsync(async () => (await worker.StateAsync(batchId, cancellationToken)).Batch.Status, status, cancellationToken);
}
