namespace Dray.Worker.Health;

/// <summary>Tries whether the store can be written; throws where it can't.</summary>
/// <param name="ProbeAsync">One try.</param>
internal sealed record StoreProbe(Func<CancellationToken, Task> ProbeAsync);
