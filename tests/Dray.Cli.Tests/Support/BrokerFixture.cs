using Dray.Tests.Services;

namespace Dray.Cli.Tests.Support;

/// <summary>A broker for the tests of a class; they are skipped where RabbitMQ isn't installed, unless services are required.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private RabbitMqNode? _node;

    /// <summary>The broker's URL.</summary>
    public string Url
    {
        get
        {
            RequiredServices.Demand(_node is not null, "broker");
            return _node!.Uri.ToString();
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (RabbitMqNode.IsInstalled) _node = await RabbitMqNode.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is { } node) await node.DisposeAsync();
    }
}
