using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

/// <summary>Compares an output file with answers of the upstream implementation.</summary>
internal static class Answers
{
    /// <summary>A line for each row whose text or tool calls differ, or that is missing.</summary>
    public static IReadOnlyList<string> Differences(string outputFile, string referenceFile)
    {
        var rows = File.ReadLines(outputFile).Select(line => JsonElement.Parse(line))
            .ToDictionary(row => row.GetProperty("custom_id").GetString()!, row => row.GetProperty("response").GetProperty("body").GetProperty("choices")[0].GetProperty("message"));
        var differences = new List<string>();
        foreach (var expected in File.ReadLines(referenceFile).Select(line => JsonElement.Parse(line)))
        {
            var name = expected.GetProperty("custom_id").GetString()!;
            if (!rows.TryGetValue(name, out var message)) differences.Add($"{name} is missing");
            else if (Describe(message) != Describe(expected)) differences.Add($"{name}: {Describe(message)} instead of {Describe(expected)}");
        }

        return differences;
    }

    private static string Describe(JsonElement answer)
    {
        var content = answer.TryGetProperty("content", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : "";
        if (!answer.TryGetProperty("tool_calls", out var calls) || calls.ValueKind != JsonValueKind.Array) return content!;
        return content + string.Concat(calls.EnumerateArray().Select(call =>
        {
            // An output row nests the call under "function" and carries its arguments as a string; the reference has them bare.
            var function = call.TryGetProperty("function", out var nested) ? nested : call;
            var arguments = function.GetProperty("arguments");
            if (arguments.ValueKind == JsonValueKind.String) arguments = JsonElement.Parse(arguments.GetString()!);
            return $" {function.GetProperty("name").GetString()}({JsonSerializer.Serialize(arguments)})";
        }));
    }
}
