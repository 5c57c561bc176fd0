using System.Text;

namespace Dray.Inference.Tokenization;

/// <summary>The JSON inside prompts: tools on offer, calls and results.</summary>
internal static class ChatJson
{
    /// <summary>The list of tools.</summary>
    /// <exception cref="RequestRejectedException">A schema is nested too deep.</exception>
    public static string Tools(IReadOnlyList<ChatTool> tools)
    {
        var json = new StringBuilder("[");
        for (var i = 0; i < tools.Count; i++)
        {
            var tool = tools[i];
            if (!PythonJson.TryReprint(tool.Parameters.GetRawText(), out var parameters))
            {
                throw new RequestRejectedException(
                    RequestErrorCodes.InvalidRequest,
                    $"The parameters of the function '{tool.Name}' are nested deeper than {PythonJson.MaxDepth} levels; " +
                    "flatten the schema.",
                    $"tools[{i}].function.parameters");
            }

            if (i > 0) json.Append(", ");
            json.Append("{\"type\": \"function\", \"function\": {\"name\": ").Append(PythonText.Quote(tool.Name))
                .Append(", \"description\": ").Append(PythonText.Quote(tool.Description))
                .Append(", \"parameters\": ").Append(parameters).Append("}}");
        }

        return json.Append(']').ToString();
    }

    /// <summary>The arguments of a call: reprinted where they are JSON, as a JSON string where they aren't.</summary>
    public static string Arguments(string arguments)
    {
        if (arguments.Length == 0) return "{}";
        return PythonJson.TryReprint(arguments, out var printed) ? printed : PythonText.Quote(arguments);
    }

    /// <summary>The calls of one turn as versions v3 and v7 write them.</summary>
    public static string Calls(IReadOnlyList<ToolCall> calls)
    {
        var json = new StringBuilder("[");
        for (var i = 0; i < calls.Count; i++)
        {
            if (i > 0) json.Append(", ");
            json.Append("{\"name\": ").Append(PythonText.Quote(calls[i].Name))
                .Append(", \"arguments\": ").Append(Arguments(calls[i].Arguments))
                .Append(", \"id\": ").Append(PythonText.Quote(calls[i].Id)).Append('}');
        }

        return json.Append(']').ToString();
    }

    /// <summary>A tool's result as version v3 writes it.</summary>
    public static string Result(string content, string callId) =>
        $"{{\"content\": {Arguments(content)}, \"call_id\": {PythonText.Quote(callId)}}}";
}
