using Dray.Worker.Client;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Hosting;

/// <summary>
/// Where no broker keeps messages: at the start, before requests are answered, all batches of the store that aren't over are sent again.
/// </summary>
internal sealed class BatchResumption(BatchClient client, ILogger<BatchResumption> logger) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var batches = await client.SubmitAgainAsync(cancellationToken);
        if (batches > 0) logger.LogInformation("{Batches} batches that weren't over go on.", batches);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
