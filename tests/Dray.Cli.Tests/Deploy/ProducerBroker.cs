using Dray.Tests.Services;

namespace Dray.Cli.Tests.Deploy;

/// <summary>The broker of all producers' tests, or none where it isn't installed.</summary>
public sealed class ProducerBroker : IAsyncLifetime
{
    internal RabbitMqNode? Node { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (RabbitMqNode.IsInstalled) Node = await RabbitMqNode.StartAsync(management: true, cancellationToken: TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Node is not null) await Node.DisposeAsync();
    }
}
