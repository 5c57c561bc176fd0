using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dray.Quantization.Export;

/// <summary>How JSON files are written: as Python's <c>json.dumps(indent=2)</c> writes them.</summary>
internal static class ExportJson
{
    /// <summary>Gets the options of objects.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>The text of a node.</summary>
    public static string Text(JsonNode node) => node.ToJsonString(Options);
}
