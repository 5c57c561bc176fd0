using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>A schema inside a schema, with its path, so that whoever refuses it can say where it is.</summary>
/// <param name="Value">The JSON value.</param>
/// <param name="Path">Such as <c>response_format.json_schema.schema.properties.label</c>.</param>
internal readonly record struct SchemaNode(JsonElement Value, string Path)
{
    public SchemaNode? this[string keyword] =>
        Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(keyword, out var child) ? new SchemaNode(child, $"{Path}.{keyword}") : null;

    /// <summary>The elements of a list.</summary>
    public IReadOnlyList<SchemaNode> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array) throw Refused("must be a list");
        var path = Path;
        return [.. Value.EnumerateArray().Select((item, index) => new SchemaNode(item, $"{path}[{index}]"))];
    }

    /// <summary>The members of an object.</summary>
    public IReadOnlyList<(string Name, SchemaNode Node)> Members()
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Refused("must be an object");
        var path = Path;
        return [.. Value.EnumerateObject().Select(member => (JsonText.Name(member), new SchemaNode(member.Value, $"{path}.{JsonText.Name(member)}")))];
    }

    public string Text() => Value.ValueKind == JsonValueKind.String ? JsonText.Read(Value) : throw Refused("must be a string");

    /// <summary>A number of characters or items.</summary>
    public int Count()
    {
        if (Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out var number) && number >= 0 && Math.Floor(number) == number)
            return (int)Math.Min(number, int.MaxValue - 1);
        throw Refused("must be a whole number that isn't negative");
    }

    /// <param name="what">The rest of the sentence after the path.</param>
    public RequestRejectedException Refused(string what) => new(RequestErrorCodes.SchemaInvalid, $"'{Path}' {what}.", Path);
}
