namespace Dray.Worker.Schedules;

/// <summary>What becomes of the fire times that passed while no worker ran, or while the firing before still did.</summary>
public enum MissedFires
{
    /// <summary>One firing makes up for all of them.</summary>
    RunOnce,

    /// <summary>They are left out; the next is the next fire time.</summary>
    Skip,
}
