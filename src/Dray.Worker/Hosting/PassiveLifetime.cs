using Microsoft.Extensions.Hosting;

namespace Dray.Worker.Hosting;

/// <summary>The lifetime of a host inside another program: signals are that program's business.</summary>
internal sealed class PassiveLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
