using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Execution;
using Dray.Worker.Input;
using Dray.Worker.Ledger;
using Dray.Worker.Transport;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Consumers;

/// <summary>Sends out what is left to do of a batch.</summary>
internal sealed class ChunkDispatcher(
    BatchPlanner planner, BatchCommitter committer, CompletionPublisher publisher, IBatchObserver observer, ILogger<ChunkDispatcher> logger)
{
    /// <summary>Publishes the chunks that aren't done; where all are, commits the batch.</summary>
    public async Task DispatchAsync(IPublishEndpoint endpoint, BatchState state, CancellationToken cancellationToken)
    {
        var batchId = state.Batch.Id;
        var plan = await planner.ReadAsync(batchId, cancellationToken);
        observer.Planned(batchId, plan.Rows);
        var done = state.Chunks.ToDictionary(chunk => chunk.Index);
        foreach (var chunk in done.Values)
        {
            var tally = new ChunkTally(chunk.Completed, chunk.Failed, chunk.Usage);
            observer.Progressed(new ChunkProgress(batchId, chunk.Index, tally, tally));
        }

        logger.LogInformation(
            "Batch {BatchId} has {Rows} rows in {Chunks} chunks, {Done} of them done.", batchId, plan.Rows, plan.Chunks.Count, done.Count);
        foreach (var chunk in plan.Chunks.Where(chunk => !done.ContainsKey(chunk.Index)))
            await PublishAsync(endpoint, new RunChunk { BatchId = batchId, Chunk = chunk }, state.Priority, cancellationToken);
        if (done.Count == plan.Chunks.Count)
            await publisher.PublishAsync(await committer.CommitAsync(batchId, cancellationToken), cancellationToken);
    }

    /// <summary>Publishes one chunk to the queue of its batch's priority.</summary>
    public static Task PublishAsync(IPublishEndpoint endpoint, RunChunk chunk, JobPriority priority, CancellationToken cancellationToken) =>
        endpoint.Publish(chunk, context => context.TrySetRoutingKey(QueueNames.RoutingKey(priority)), cancellationToken);
}
