namespace Dray.Cli.Configuration;

/// <summary>Text as written.</summary>
/// <param name="Text">The characters, without quotes.</param>
/// <param name="IsPlain">Whether it stood without quotes, and so may be a number, a truth value or nothing.</param>
/// <param name="Line">Where it starts.</param>
internal sealed record YamlScalar(string Text, bool IsPlain, int Line) : YamlNode(Line)
{
    /// <summary>Gets whether it says nothing.</summary>
    public bool IsNull => IsPlain && Text is ("" or "~" or "null" or "Null" or "NULL");
}
