namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// An entry of a run's stack: a rule or a counted loop that has been entered, above those entered before. Frames are interned by their
/// grammar, so that equal stacks are the same object.
/// </summary>
internal sealed class Frame
{
    /// <summary>The number of rounds of a loop without end, which no round lowers.</summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>The continuation of a frame that stands for a lower stack that isn't known.</summary>
    public const int Unknown = -1;

    public Frame(FrameKey key, int id, int depth) => (Key, Id, Depth) = (key, id, depth);

    /// <summary>Gets what makes it this frame.</summary>
    public FrameKey Key { get; }

    /// <summary>Gets whether it stands for a lower stack that isn't known.</summary>
    public bool IsUnknown => Key.Continuation == Unknown;

    /// <summary>Gets its number, which orders runs.</summary>
    public int Id { get; }

    /// <summary>Gets the number of rules entered, this one included.</summary>
    public int Depth { get; }
}
