using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>
/// Tools on offer as data sets write them: OpenAI's (<c>{"type": "function", "function": ..}</c>), the function by itself, or with
/// xLAM's parameters, which are named types of Python (<c>{"city": {"type": "str", "description": ..}}</c>) instead of a JSON schema.
/// </summary>
internal static class ToolDefinitions
{
    /// <summary>The tools of a list; none where there is no list.</summary>
    public static ChatTool[] Read(JsonElement? tools) =>
        tools is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(Tool)] : [];

    private static ChatTool Tool(JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object) throw new RecordException("has a tool that isn't an object");
        if (tool.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object) tool = function;
        var fields = new RecordFields(tool);
        var name = fields.Text("name") ?? throw new RecordException("has a tool without 'name'");
        return new ChatTool(name, fields.Text("description") ?? "", Schema(fields.Json("parameters")));
    }

    private static JsonElement Schema(JsonElement? parameters)
    {
        if (parameters is not { ValueKind: JsonValueKind.Object } given) return JsonElement.Parse("{}");
        return IsPythonTypes(given) ? JsonSerializer.SerializeToElement(FromPythonTypes(given)) : given.Clone();
    }

    /// <summary>Whether every member is a parameter with a type; a JSON schema has <c>type</c> itself, as a string.</summary>
    private static bool IsPythonTypes(JsonElement parameters) =>
        parameters.EnumerateObject().Any()
        && parameters.EnumerateObject().All(member => member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("type", out _));

    private static JsonObject FromPythonTypes(JsonElement parameters)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var parameter in parameters.EnumerateObject())
        {
            var fields = new RecordFields(parameter.Value);
            var type = fields.Text("type") ?? "str";
            var property = JsonObject.Create(parameter.Value)!;
            property["type"] = JsonType(type);
            properties[parameter.Name] = property;
            if (!property.ContainsKey("default") && !type.Contains("optional", StringComparison.OrdinalIgnoreCase)) required.Add(parameter.Name);
        }

        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required };
    }

    /// <summary>JSON's name of a Python type such as <c>List[int], optional</c>.</summary>
    private static string JsonType(string type) => new string([.. type.TakeWhile(char.IsAsciiLetter)]).ToUpperInvariant() switch
    {
        "INT" or "INTEGER" => "integer",
        "FLOAT" or "NUMBER" => "number",
        "BOOL" or "BOOLEAN" => "boolean",
        "LIST" or "SET" or "TUPLE" or "ARRAY" => "array",
        "DICT" or "OBJECT" => "object",
        _ => "string",
    };
}
