using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Dray.Tests.Deploy;

/// <summary>YAML read as JSON: unquoted numbers and truth values have their types, anchors and merge keys are resolved.</summary>
internal static class YamlJson
{
    private static readonly IDeserializer Reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().WithDuplicateKeyChecking().Build();

    private static readonly ISerializer Writer = new SerializerBuilder().JsonCompatible().Build();

    /// <summary>Reads a file of the repository that holds one document.</summary>
    /// <param name="parts">Its path from the repository's root.</param>
    public static JsonNode Read(params string[] parts) => ReadAll(parts).Single();

    /// <summary>Reads a file of the repository.</summary>
    public static IReadOnlyList<JsonNode> ReadAll(params string[] parts)
    {
        using var text = File.OpenText(Path.Combine([SharedFolder.Repository, .. parts]));
        var parser = new MergingParser(new Parser(text));
        var documents = new List<JsonNode>();
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _)) documents.Add(JsonNode.Parse(Writer.Serialize(Reader.Deserialize(parser)))!);
        return documents;
    }
}
