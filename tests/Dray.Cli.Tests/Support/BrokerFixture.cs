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
            if (_node is { } node) return node.Uri.ToString();
            if (Environment.GetEnvironmentVariable("DRAY_TEST_REQUIRE_SERVICES") == "1")
                Assert.Fail("RabbitMQ is required here but isn't installed; install Debian's rabbitmq-server, or set DRAY_RABBITMQ_SERVER.");
            Assert.Skip("skipped: no broker");
            return "";
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
