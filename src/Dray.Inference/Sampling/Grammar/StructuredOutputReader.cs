using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Reads OpenAI's and vLLM's fields about an answer's form.</summary>
internal static class StructuredOutputReader
{
    private const int MostChoices = 10_000;
    private const int LongestChoice = 10_000;
    private const int LongestSchema = 256 * 1024;

    private static readonly string[] Unsupported = ["guided_grammar", "guided_whitespace_pattern", "structural_tag"];

    public static StructuredOutput Read(JsonElement body, ChatRequest chat)
    {
        var root = new RequestField(body, "");
        if (body.ValueKind != JsonValueKind.Object) throw root.Rejected($"The request's body must be a JSON object but is {root.Kind}.");
        foreach (var name in Unsupported)
        {
            if (root[name].HasValue) throw root[name].Rejected($"'{name}' isn't supported; use response_format, or regex or choice of structured_outputs.");
        }

        var forms = Forms(root).ToArray();
        if (forms.Length > 1)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest,
                $"'{forms[0].Field}' and '{forms[1].Field}' both say what the answer must look like; leave one out.",
                forms[1].Field);
        }

        return WithTools(forms.Length == 1 ? forms[0] : new StructuredOutput(), root, chat);
    }

    private static IEnumerable<StructuredOutput> Forms(RequestField root)
    {
        if (ResponseFormat(root["response_format"]) is { } format) yield return format;
        if (root["guided_json"].HasValue) yield return Json(root["guided_json"]);
        if (root["guided_regex"].HasValue) yield return Regex(root["guided_regex"]);
        if (root["guided_choice"].HasValue) yield return Choice(root["guided_choice"]);
        if (!root["structured_outputs"].HasValue) yield break;

        var outputs = root["structured_outputs"].Object("json, regex or choice");
        foreach (var member in outputs.Value.EnumerateObject())
        {
            var field = outputs[JsonText.Name(member)];
            if (!field.HasValue) continue;
            switch (member.Name)
            {
                case "json":
                    yield return Json(field);
                    break;
                case "regex":
                    yield return Regex(field);
                    break;
                case "choice":
                    yield return Choice(field);
                    break;
                case "json_object":
                    if (field.Flag(false)) yield return new StructuredOutput { Kind = StructuredOutputKind.JsonObject, Field = field.Path };
                    break;
                default:
                    throw field.Rejected($"'{field.Path}' isn't supported; use json, json_object, regex or choice.");
            }
        }
    }

    private static StructuredOutput? ResponseFormat(RequestField format)
    {
        if (!format.HasValue) return null;
        switch (format.Object("the form of the answer")["type"].Text("text, json_object or json_schema"))
        {
            case "text":
                return null;
            case "json_object":
                return new StructuredOutput { Kind = StructuredOutputKind.JsonObject, Field = format.Path };
            case "json_schema":
                var described = format["json_schema"].Object("a name and a schema");
                described["strict"].Flag(false);
                return Json(described["schema"]);
            case var other:
                throw format["type"].Rejected($"'{format.Path}.type' is '{other}'; it must be text, json_object or json_schema.");
        }
    }

    private static StructuredOutput Json(RequestField field)
    {
        var schema = field.Value;
        if (schema.ValueKind == JsonValueKind.String)
        {
            // vLLM takes the schema as text too.
            try
            {
                schema = JsonElement.Parse(JsonText.Read(schema));
            }
            catch (JsonException e)
            {
                throw Invalid(field, $"'{field.Path}' is a text that isn't JSON: {e.Message}");
            }
        }

        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True))
            throw Invalid(field, $"'{field.Path}' must be a JSON schema, an object, but is {field.Kind}.");
        var length = schema.GetRawText().Length;
        if (length > LongestSchema) throw Invalid(field, $"'{field.Path}' has {length} characters; at most {LongestSchema} are allowed.");
        return new StructuredOutput { Kind = StructuredOutputKind.JsonSchema, Field = field.Path, Schema = schema.Clone() };
    }

    private static StructuredOutput Regex(RequestField field) =>
        new() { Kind = StructuredOutputKind.Regex, Field = field.Path, Pattern = field.Text("a regular expression") };

    private static StructuredOutput Choice(RequestField field)
    {
        var choices = new string[field.Count("choices", MostChoices)];
        if (choices.Length == 0) throw Invalid(field, $"'{field.Path}' is empty; list the texts to choose from.");
        for (var i = 0; i < choices.Length; i++)
        {
            choices[i] = field[i].Text("a choice");
            if (choices[i].Length is 0 or > LongestChoice)
                throw Invalid(field[i], $"'{field[i].Path}' has {choices[i].Length} characters; a choice must have 1 to {LongestChoice}.");
        }

        return new StructuredOutput { Kind = StructuredOutputKind.Choice, Field = field.Path, Choices = choices };
    }

    private static StructuredOutput WithTools(StructuredOutput output, RequestField root, ChatRequest chat)
    {
        var choice = root["tool_choice"];
        var (use, name) = ToolChoice(choice, chat);
        if (use is ToolUse.Required or ToolUse.Named && chat.Tools.Count == 0)
            throw choice.Rejected("'tool_choice' wants a function to be called, but the request has no tools; list them, or leave 'tool_choice' out.");
        if (name is not null && chat.Tools.All(tool => tool.Name != name))
            throw choice.Rejected($"'tool_choice' names the function '{name}', which isn't among the tools.");
        return output with
        {
            Tools = use,
            ToolName = name,
            ParallelToolCalls = root["parallel_tool_calls"].Flag(true),
            StrictTools = StrictTools(root, chat),
        };
    }

    private static (ToolUse Use, string? Name) ToolChoice(RequestField choice, ChatRequest chat) => choice.Value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => (ToolUse.Auto, null),
        JsonValueKind.Object => (ToolUse.Named, choice["function"].Object("the function to call")["name"].Text("the function's name")),
        _ => choice.Text("auto, none, any, required, or an object that names a function") switch
        {
            "none" => (ToolUse.None, null),
            "any" or "required" => (ToolUse.Required, null),
            _ => (ToolUse.Auto, null),
        },
    };

    private static HashSet<string> StrictTools(RequestField root, ChatRequest chat)
    {
        var strict = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < chat.Tools.Count; i++)
        {
            if (root["tools"][i]["function"]["strict"].Flag(false)) strict.Add(chat.Tools[i].Name);
        }

        return strict;
    }

    private static RequestRejectedException Invalid(RequestField field, string message) => new(RequestErrorCodes.SchemaInvalid, message, field.Path);
}
