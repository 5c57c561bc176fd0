namespace Dray.Inference.Sampling.Grammar;

/// <summary>What a regular expression's classes mean, after ECMAScript.</summary>
internal static class RegexSyntax
{
    public static CodePointSet Digits { get; } = CodePointSet.Of(('0', '9'));

    public static CodePointSet Words { get; } = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    public static CodePointSet Spaces { get; } = CodePointSet.Of(
        (0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
        (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    /// <summary>Gets what <c>.</c> stands for: all but line ends.</summary>
    public static CodePointSet Dot { get; } = CodePointSet.Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029)).Complement();

    /// <summary>The set of a class escape such as <c>\d</c>, or null.</summary>
    public static CodePointSet? Class(char letter) => letter switch
    {
        'd' => Digits,
        'D' => Digits.Complement(),
        'w' => Words,
        'W' => Words.Complement(),
        's' => Spaces,
        'S' => Spaces.Complement(),
        _ => null,
    };
}
