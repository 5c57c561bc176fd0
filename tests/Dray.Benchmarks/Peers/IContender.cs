namespace Dray.Benchmarks.Peers;

/// <summary>An engine that is timed.</summary>
internal interface IContender
{
    /// <summary>Gets the name.</summary>
    string Name { get; }

    /// <summary>Measures every figure once, in tokens per second; those that the contender doesn't have are left out.</summary>
    /// <exception cref="InvalidOperationException">A program failed; the message ends with what it said.</exception>
    IReadOnlyDictionary<string, double> Measure();
}
