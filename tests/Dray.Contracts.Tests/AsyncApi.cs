using System.Text.Json.Nodes;
using Dray.Tests.Deploy;
using NJsonSchema;

namespace Dray.Contracts.Tests;

/// <summary>The description of messages and events that producers in other languages read: <c>deploy/asyncapi.yaml</c>.</summary>
internal static class AsyncApi
{
    private const string SchemaPrefix = "#/components/schemas/";

    private static readonly Lazy<JsonNode> Document = new(() => YamlJson.Read("deploy", "asyncapi.yaml"));

    public static JsonNode Root => Document.Value;

    public static JsonObject Channels => Root["channels"]!.AsObject();

    public static JsonObject Operations => Root["operations"]!.AsObject();

    public static JsonObject Messages => Root["components"]!["messages"]!.AsObject();

    public static JsonObject Schemas => Root["components"]!["schemas"]!.AsObject();

    /// <summary>The types that are sent: one file each in the folders of messages and of events.</summary>
    public static IReadOnlyList<Type> Sent(string folder) =>
    [
        .. Directory.GetFiles(Path.Combine(SharedFolder.Repository, "src", "Dray.Contracts", folder), "*.cs").Order(StringComparer.Ordinal)
            .Select(file => typeof(ContractsJson).Assembly.GetType($"Dray.Contracts.{Path.GetFileNameWithoutExtension(file)}", throwOnError: true)!),
    ];

    /// <summary>What a node means: itself, or the schema that it points at, alone or beside null.</summary>
    public static (JsonObject Schema, bool OrNull) Resolve(JsonNode node)
    {
        var schema = node.AsObject();
        if (schema["$ref"] is { } reference) return Resolve(Schemas[reference.GetValue<string>()[SchemaPrefix.Length..]]!);
        if (schema["allOf"] is JsonArray all) return Resolve(all.ShouldHaveSingleItem()!);
        if (schema["oneOf"] is not JsonArray choices) return (schema, false);
        choices.Count.ShouldBe(2);
        choices[0]!["type"]!.GetValue<string>().ShouldBe("null");
        return (Resolve(choices[1]!).Schema, true);
    }

    /// <summary>A validator of one schema, stricter than the document: no property may come that isn't described.</summary>
    public static async Task<JsonSchema> ValidatorAsync(string name, CancellationToken cancellationToken)
    {
        var text = Schemas.ToJsonString().Replace(SchemaPrefix, "#/definitions/", StringComparison.Ordinal);
        var definitions = JsonNode.Parse(text)!.AsObject();
        foreach (var (_, schema) in definitions)
        {
            if (schema!["properties"] is not null) schema["additionalProperties"] = false;
        }

        var root = new JsonObject { ["$ref"] = $"#/definitions/{name}", ["definitions"] = definitions };
        return await JsonSchema.FromJsonAsync(root.ToJsonString(), cancellationToken);
    }
}
