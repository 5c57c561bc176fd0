namespace Dray.Worker.Health;

/// <summary>Whether the worker is on its way out: it takes nothing new, but is alive until what it holds is finished or handed back.</summary>
internal sealed class DrainState
{
    private volatile bool _isDraining;

    /// <summary>Gets whether the worker takes nothing new any more.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Begins to drain; there is no way back.</summary>
    public void Begin() => _isDraining = true;
}
