using System.Text.Json.Nodes;

namespace Dray.Cli.Tests.Deploy;

/// <summary>The broker's files in deploy/rabbitmq.</summary>
internal static class BrokerConfiguration
{
    public static string DefinitionsPath { get; } = Path.Combine(SharedFolder.Repository, "deploy", "rabbitmq", "definitions.json");

    public static JsonNode Definitions { get; } = JsonNode.Parse(File.ReadAllText(DefinitionsPath))!;

    /// <summary>rabbitmq.conf: one setting a line.</summary>
    public static IReadOnlyDictionary<string, string> Read() => File.ReadAllLines(Path.Combine(SharedFolder.Repository, "deploy", "rabbitmq", "rabbitmq.conf"))
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', StringSplitOptions.TrimEntries)).ToDictionary(pair => pair[0], pair => pair[1]);
}
