using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>A value of a request with its path, so that whoever refuses it can say where it is.</summary>
/// <param name="Value">The JSON value.</param>
/// <param name="Path">Such as <c>messages[2].role</c>; empty for the body itself.</param>
internal readonly record struct RequestField(JsonElement Value, string Path)
{
    /// <summary>Gets whether there is a value other than null.</summary>
    public bool HasValue => Value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>Gets the field of this object, which has no value where there is none.</summary>
    public RequestField this[string name] =>
        new(Value.TryGetProperty(name, out var child) ? child : default, Path.Length == 0 ? name : $"{Path}.{name}");

    public RequestField this[int index] => new(Value[index], $"{Path}[{index}]");

    public RequestRejectedException Rejected(string message) => new(RequestErrorCodes.InvalidRequest, message, Path);

    public RequestField Object(string what)
    {
        if (Value.ValueKind == JsonValueKind.Object) return this;
        throw Rejected(HasValue
            ? $"'{Path}' must be {what}, a JSON object, but is {Kind}."
            : $"'{Path}' is missing: it must be {what}, a JSON object.");
    }

    /// <summary>The number of elements of an array of at most <paramref name="limit"/>.</summary>
    public int Count(string what, int limit)
    {
        if (Value.ValueKind != JsonValueKind.Array)
        {
            throw Rejected(HasValue
                ? $"'{Path}' must be a list of {what} but is {Kind}."
                : $"'{Path}' is missing: it must be a list of {what}.");
        }

        var count = Value.GetArrayLength();
        return count <= limit ? count : throw Rejected($"'{Path}' has {count} {what}; at most {limit} are allowed.");
    }

    public string Text(string what)
    {
        if (Value.ValueKind == JsonValueKind.String) return JsonText.Read(Value);
        throw Rejected(HasValue
            ? $"'{Path}' must be {what}, a string, but is {Kind}."
            : $"'{Path}' is missing: it must be {what}, a string.");
    }

    public string? OptionalText(string what) => HasValue ? Text(what) : null;

    public bool Flag(bool fallback) => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => fallback,
        _ => throw Rejected($"'{Path}' must be true or false but is {Kind}."),
    };

    public string Kind => Value.ValueKind switch
    {
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Null => "null",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };
}
