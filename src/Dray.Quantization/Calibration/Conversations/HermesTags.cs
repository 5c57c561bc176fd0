using System.Text.RegularExpressions;
using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>Calls and results as the Hermes data sets write them in the text of a turn: JSON between tags.</summary>
internal static partial class HermesTags
{
    /// <summary>A reply, with the calls that are in its text.</summary>
    public static ChatMessage Reply(string value)
    {
        var calls = Call().Matches(value);
        return ChatMessages.Of(ChatRole.Assistant, calls.Count == 0 ? value : value[..calls[0].Index].TrimEnd()) with
        {
            ToolCalls = [.. calls.SelectMany(call => ToolCalls.Read(ToolCalls.Parse(call.Groups[1].Value)))],
        };
    }

    /// <summary>The results of a turn: one per tag, or the whole text where there is none.</summary>
    public static IEnumerable<ChatMessage> Results(string value)
    {
        var results = Result().Matches(value);
        return results.Count == 0
            ? [ChatMessages.Of(ChatRole.Tool, value)]
            : results.Select(result => ChatMessages.Of(ChatRole.Tool, result.Groups[1].Value));
    }

    [GeneratedRegex(@"<tool_call>\s*(.*?)\s*</tool_call>", RegexOptions.Singleline)]
    private static partial Regex Call();

    [GeneratedRegex(@"<tool_response>\s*(.*?)\s*</tool_response>", RegexOptions.Singleline)]
    private static partial Regex Result();
}
