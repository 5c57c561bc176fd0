namespace Dray.Worker.Schedules;

/// <summary>What a firing came to, in pictures.</summary>
internal readonly record struct FiringCounts
{
    /// <summary>Gets the pictures that got their caption.</summary>
    public int Captioned { get; init; }

    /// <summary>Gets the pictures that failed, those that were given up included.</summary>
    public int Failed { get; init; }

    /// <summary>Gets the pictures that failed for the last time, until they change.</summary>
    public int GivenUp { get; init; }

    /// <summary>Both together.</summary>
    public static FiringCounts operator +(FiringCounts one, FiringCounts other) => new()
    {
        Captioned = one.Captioned + other.Captioned,
        Failed = one.Failed + other.Failed,
        GivenUp = one.GivenUp + other.GivenUp,
    };
}
