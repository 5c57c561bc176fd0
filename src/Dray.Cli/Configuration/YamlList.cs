namespace Dray.Cli.Configuration;

/// <summary>A list.</summary>
internal sealed record YamlList(IReadOnlyList<YamlNode> Items, int Line) : YamlNode(Line);
