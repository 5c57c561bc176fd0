namespace Dray.Extensions.AI.Tests;

/// <summary>A client over the demo model, which is loaded once for the tests of a class.</summary>
public sealed class DemoEngine : IDisposable
{
    public EngineChatClient Client { get; } = EngineChatClient.Load(Demo.Model, new EngineChatClientOptions { Device = "cpu" });

    public void Dispose() => Client.Dispose();
}
