namespace Dray.Worker.Tests.Support;

/// <summary>
/// Tests that start a <see cref="WebWorker"/> run one after another: metrics are the process's, so that two workers at once would each
/// show the other's engine.
/// </summary>
[CollectionDefinition(Name)]
public sealed class WebWorkerGroup
{
    public const string Name = "web worker";
}
