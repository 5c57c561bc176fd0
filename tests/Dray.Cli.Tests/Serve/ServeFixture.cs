using Dray.Tests.Services;

namespace Dray.Cli.Tests.Serve;

/// <summary>One <c>dray serve</c> on the demo model for all tests that name its group; they run one after another.</summary>
[CollectionDefinition(Group)]
public sealed class ServeFixture : IAsyncLifetime, ICollectionFixture<ServeFixture>
{
    public const string Group = "serve";

    private ServeProcess? _process;

    /// <summary>Gets where it serves.</summary>
    public Uri Address => _process!.Address;

    /// <summary>Gets the address that OpenAI's clients are given.</summary>
    public Uri Endpoint => new(Address, "v1");

    public async ValueTask InitializeAsync() => _process = await ServeProcess.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }
}
