using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Finds tool calls in generated ids: by token, never by text that spells one. From v11 on a call is
/// <c>[TOOL_CALLS]name[ARGS]json</c>, with or without <c>[CALL_ID]id</c> in between; v3 and v7 put all calls into one JSON list.
/// Arguments are passed on as written, valid JSON or not; a call without <c>{</c> is dropped, as vLLM does.
/// </summary>
public sealed class ToolCallParser
{
    private readonly TekkenTokenizer _tokenizer;
    private readonly int _toolCalls;
    private readonly int _args = -1;
    private readonly int _callId = -1;

    /// <summary>Initializes the parser of a tokenizer's answers.</summary>
    public ToolCallParser(TekkenTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _toolCalls = tokenizer.Special("[TOOL_CALLS]");
        if (tokenizer.Version < TekkenVersion.V11) return;
        _args = tokenizer.Special("[ARGS]");
        _callId = tokenizer.Special("[CALL_ID]");
    }

    /// <summary>Takes an answer apart, up to its first end-of-sequence token.</summary>
    /// <param name="ids">The generated ids.</param>
    /// <param name="random">Makes ids for calls without a valid one; seed it per request, so that a repetition gives the same.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id isn't in the vocabulary.</exception>
    public ParsedAnswer Parse(ReadOnlySpan<int> ids, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var end = ids.IndexOf(_tokenizer.Eos);
        if (end >= 0) ids = ids[..end];
        var first = ids.IndexOf(_toolCalls);
        if (first < 0) return new ParsedAnswer(_tokenizer.Decode(ids), []);

        var content = _tokenizer.Decode(ids[..first]);
        if (_tokenizer.Version < TekkenVersion.V11) return ParseList(content, _tokenizer.Decode(ids[first..]), random);

        var calls = new List<ToolCall>();
        var rest = ids[(first + 1)..];
        while (true)
        {
            var next = rest.IndexOf(_toolCalls);
            if (ParseCall(next < 0 ? rest : rest[..next], random) is { } call) calls.Add(call);
            if (next < 0) break;
            rest = rest[(next + 1)..];
        }

        return new ParsedAnswer(content.Length == 0 ? null : content, calls);
    }

    private ToolCall? ParseCall(ReadOnlySpan<int> ids, Random random)
    {
        var separator = ids.IndexOf(_args);
        var head = separator < 0 ? ids : ids[..separator];
        var idStart = head.IndexOf(_callId);
        var name = _tokenizer.Decode(idStart < 0 ? head : head[..idStart]);
        var id = idStart < 0 ? "" : _tokenizer.Decode(head[idStart..]);
        string arguments;
        if (separator >= 0)
        {
            arguments = _tokenizer.Decode(ids[separator..]);
        }
        else if (name.IndexOf('{', StringComparison.Ordinal) is >= 0 and var nameEnd)
        {
            arguments = name[nameEnd..] + id;
            (name, id) = (name[..nameEnd], "");
        }
        else
        {
            var idEnd = id.IndexOf('{', StringComparison.Ordinal);
            if (idEnd < 0) return null;
            arguments = id[idEnd..];
            id = id[..idEnd];
        }

        return arguments.Contains('{', StringComparison.Ordinal) ? NewCall(id, name, arguments, random) : null;
    }

    /// <summary>The form of v3 and v7: <c>[{"name": .., "arguments": {..}, "id": ..}]</c>. What isn't such a list stays text.</summary>
    private static ParsedAnswer ParseList(string content, string list, Random random)
    {
        try
        {
            using var document = JsonDocument.Parse(list);
            if (document.RootElement.ValueKind != JsonValueKind.Array) return new ParsedAnswer(content + list, []);
            var calls = new List<ToolCall>();
            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Object) continue;
                if (!item.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String) continue;
                if (!item.TryGetProperty("arguments", out var arguments) || arguments.ValueKind != JsonValueKind.Object) continue;
                var id = item.TryGetProperty("id", out var given) && given.ValueKind == JsonValueKind.String ? JsonText.Read(given) : "";
                calls.Add(NewCall(id, JsonText.Read(name), ChatJson.Arguments(arguments.GetRawText()), random));
            }

            return new ParsedAnswer(content.Length == 0 ? null : content, calls);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new ParsedAnswer(content + list, []);
        }
    }

    private static ToolCall NewCall(string id, string name, string arguments, Random random) =>
        new(ToolCallIds.IsValid(id) ? id : ToolCallIds.Next(random), name, arguments);
}
