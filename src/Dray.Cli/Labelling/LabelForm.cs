using System.Text.Json;
using Dray.Cli.Labelling.Tables;

namespace Dray.Cli.Labelling;

/// <summary>What an answer must look like: any text, one of some texts, a pattern's, or JSON of a schema.</summary>
internal sealed class LabelForm
{
    private readonly string? _field;
    private readonly JsonElement _value;

    private LabelForm(string? field, JsonElement value, IReadOnlyList<TableColumn> properties) => (_field, _value, Properties) = (field, value, properties);

    /// <summary>Gets the form of any text.</summary>
    public static LabelForm Any { get; } = new(null, default, []);

    /// <summary>Gets the properties of the answer's object that become columns.</summary>
    public IReadOnlyList<TableColumn> Properties { get; }

    /// <summary>Gets a value indicating whether an answer that was cut off is none.</summary>
    public bool IsHeld => _field is not null;

    /// <summary>One of some texts.</summary>
    public static LabelForm Choice(IReadOnlyList<string> choices) => new("choice", JsonSerializer.SerializeToElement(choices), []);

    /// <summary>A text that a pattern matches as a whole.</summary>
    public static LabelForm Regex(string pattern) => new("regex", JsonSerializer.SerializeToElement(pattern), []);

    /// <summary>JSON of the schema in a file.</summary>
    /// <exception cref="CommandException">The file holds no schema.</exception>
    public static LabelForm Schema(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var document = JsonDocument.Parse(file);
            var schema = document.RootElement.Clone();
            if (schema.ValueKind != JsonValueKind.Object) throw TableFile.Refused(path, "holds no JSON schema; write an object such as {\"type\": \"object\", \"properties\": {}}.");
            TableColumn[] properties = schema.TryGetProperty("properties", out var named) && named.ValueKind == JsonValueKind.Object
                ? [.. named.EnumerateObject().Select(property => new TableColumn(property.Name, KindOf(property.Value)))]
                : [];
            return new LabelForm("json", schema, properties);
        }
        catch (JsonException exception)
        {
            throw TableFile.Refused(path, $"isn't JSON: {exception.Message}");
        }
    }

    /// <summary>Writes the member of a request's body that asks for the form.</summary>
    public void Write(Utf8JsonWriter body)
    {
        if (_field is null) return;
        body.WriteStartObject("structured_outputs");
        body.WritePropertyName(_field);
        _value.WriteTo(body);
        body.WriteEndObject();
    }

    /// <summary>The values of the properties in an answer.</summary>
    public IEnumerable<object?> ValuesOf(string? answer)
    {
        if (Properties.Count == 0) return [];
        if (answer is null) return Properties.Select(_ => (object?)null);
        var root = JsonElement.Parse(answer);
        return Properties.Select(property =>
            root.ValueKind == JsonValueKind.Object && root.TryGetProperty(property.Name, out var value) ? TableValue.Of(value) : null);
    }

    private static ColumnKind KindOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) return ColumnKind.Json;
        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array)
            return values.EnumerateArray().Aggregate(ColumnKind.Unknown, (kind, value) => TableValue.Join(kind, TableValue.KindOf(value)));
        if (schema.TryGetProperty("const", out var constant)) return TableValue.KindOf(constant);
        if (!schema.TryGetProperty("type", out var type)) return ColumnKind.Json;
        return type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Aggregate(ColumnKind.Unknown, (kind, one) => TableValue.Join(kind, KindOf(one.ToString())))
            : KindOf(type.ToString());
    }

    private static ColumnKind KindOf(string type) => type switch
    {
        "string" => ColumnKind.Text,
        "integer" => ColumnKind.Integer,
        "number" => ColumnKind.Number,
        "boolean" => ColumnKind.Boolean,
        "null" => ColumnKind.Unknown,
        _ => ColumnKind.Json,
    };
}
