namespace Dray.Cli.Configuration;

/// <summary>A part of a YAML document and the line, from 1, on which it starts.</summary>
internal abstract record YamlNode(int Line);
