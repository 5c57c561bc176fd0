namespace Dray.Inference.Sampling.Grammar;

/// <summary>A part of a regular expression.</summary>
internal abstract record RegexNode
{
    /// <summary>One character of a set.</summary>
    public sealed record Characters(CodePointSet Set) : RegexNode;

    /// <summary>Parts one after the other; none match the empty text.</summary>
    public sealed record Sequence(IReadOnlyList<RegexNode> Parts) : RegexNode;

    /// <summary>One of several parts.</summary>
    public sealed record Choice(IReadOnlyList<RegexNode> Options) : RegexNode;

    /// <summary>A part several times; <see cref="int.MaxValue"/> is without end.</summary>
    public sealed record Repeat(RegexNode Part, int Least, int Most) : RegexNode;

    /// <summary>The start of the text, <c>^</c>.</summary>
    public sealed record StartAnchor : RegexNode;

    /// <summary>The end of the text, <c>$</c>.</summary>
    public sealed record EndAnchor : RegexNode;
}
