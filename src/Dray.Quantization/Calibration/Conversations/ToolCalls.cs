using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>Calls as data sets write them: an object with <c>name</c> and <c>arguments</c>, or a list of such.</summary>
internal static class ToolCalls
{
    /// <summary>The JSON of a text.</summary>
    public static JsonElement Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException exception)
        {
            throw new RecordException($"has a call that isn't JSON: {exception.Message}", exception);
        }
    }

    /// <summary>The calls, their ids empty.</summary>
    public static ToolCall[] Read(JsonElement calls) =>
        calls.ValueKind == JsonValueKind.Array ? [.. calls.EnumerateArray().Select(Call)] : [Call(calls)];

    private static ToolCall Call(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object) throw new RecordException("has a call that isn't an object with 'name' and 'arguments'");
        if (call.TryGetProperty("function", out var function) && function.ValueKind == JsonValueKind.Object) call = function;
        var fields = new RecordFields(call);
        var name = fields.Text("name") ?? throw new RecordException("has a call without 'name'");
        var arguments = fields.Text("arguments") ?? fields.Json("arguments")?.GetRawText() ?? "{}";
        return new ToolCall("", name, arguments);
    }
}
