namespace Dray.Cli.Configuration;

/// <summary>A mapping; its keys differ.</summary>
internal sealed record YamlMapping(IReadOnlyList<(YamlScalar Key, YamlNode Value)> Entries, int Line) : YamlNode(Line);
