using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Consumers;

/// <summary>
/// Finds the batch that a request to cancel, pause or resume one is about. The request may have overtaken the message that submits the
/// batch: one that a client has submitted begins here then.
/// </summary>
internal sealed class KnownBatches(IBlobStore store, BatchLedger ledger, ILogger<KnownBatches> logger)
{
    /// <summary>The state of a batch, or null, which is logged, where there is none.</summary>
    public async Task<BatchState?> FindAsync(string batchId, CancellationToken cancellationToken)
    {
        var state = BatchPaths.IsId(batchId) ? await ledger.ReadAsync(batchId, cancellationToken) ?? await OpenAsync(batchId, cancellationToken) : null;
        if (state is null) logger.LogWarning("There is no batch under the id of a request to cancel, pause or resume one.");
        return state;
    }

    private async Task<BatchState?> OpenAsync(string batchId, CancellationToken cancellationToken) =>
        await store.TryReadJsonAsync<BatchSubmission>(BatchPaths.Submission(batchId), cancellationToken) is { } submission
            ? await ledger.OpenAsync(BatchSubmitter.Message(batchId, submission), cancellationToken)
            : null;
}
