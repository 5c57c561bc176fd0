using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dray.Tests.Deploy;

namespace Dray.Cli.Tests.Deploy;

/// <summary>docker-compose.yml, as people get it who copied .env.example to .env.</summary>
internal static partial class ComposeFile
{
    private static readonly Lazy<JsonNode> Document = new(() => YamlJson.Read("docker-compose.yml"));

    public static JsonObject Services => Document.Value["services"]!.AsObject();

    public static IEnumerable<string> Volumes => Document.Value["volumes"]!.AsObject().Select(volume => volume.Key);

    public static string Text { get; } = File.ReadAllText(Path.Combine(SharedFolder.Repository, "docker-compose.yml"));

    /// <summary>The settings of .env.example.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = File.ReadAllLines(Path.Combine(SharedFolder.Repository, "deploy", ".env.example"))
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>A setting of a service, with variables replaced.</summary>
    public static string Expand(string text) => Variable().Replace(text, match => Environment[match.Groups["name"].Value]);

    /// <summary>Every variable that the file uses, and what follows its name.</summary>
    public static IEnumerable<(string Name, string Default)> Variables() =>
        Variable().Matches(Text).Select(match => (match.Groups["name"].Value, match.Groups["default"].Value));

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+)(?<default>[^}]*)\}")]
    private static partial Regex Variable();
}
