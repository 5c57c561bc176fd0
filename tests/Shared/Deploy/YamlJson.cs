using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Dray.Tests.Deploy;

/// <summary>YAML read as JSON: unquoted numbers and truth values have their types.</summary>
internal static class YamlJson
{
    private static readonly IDeserializer Reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().WithDuplicateKeyChecking().Build();

    private static readonly ISerializer Writer = new SerializerBuilder().JsonCompatible().Build();

    /// <summary>Reads a file of the repository.</summary>
    /// <param name="parts">Its path from the repository's root.</param>
    public static JsonNode Read(params string[] parts) => Parse(File.ReadAllText(Path.Combine([SharedFolder.Repository, .. parts])));

    /// <summary>Reads a text.</summary>
    public static JsonNode Parse(string yaml) => JsonNode.Parse(Writer.Serialize(Reader.Deserialize(yaml)))!;
}
