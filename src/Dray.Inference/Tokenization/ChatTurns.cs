using System.Text;

namespace Dray.Inference.Tokenization;

/// <summary>Merges a conversation's messages into turns, as mistral-common normalises them before encoding.</summary>
internal static class ChatTurns
{
    private const string Separator = "\n\n";

    /// <summary>The turns of a conversation; for v3 without its system messages, which belong to a user's turn there.</summary>
    public static List<ChatTurn> Of(ChatRequest request, TekkenVersion version)
    {
        var turns = new List<ChatTurn>();
        var messages = request.Messages;
        for (var start = 0; start < messages.Count;)
        {
            var role = messages[start].Role;
            var end = start + 1;
            while (end < messages.Count && messages[end].Role == role) end++;
            Append(turns, role, [.. messages.Skip(start).Take(end - start)], start, version);
            start = end;
        }

        if (version == TekkenVersion.V3 && (turns.Count == 0 || turns[0].Role != ChatRole.User))
            turns.Insert(0, new ChatTurn(ChatRole.User, [], [], null, -1));
        return turns;
    }

    /// <summary>The text of all system messages for v3, or null.</summary>
    public static string? SystemPrompt(ChatRequest request)
    {
        var texts = request.Messages
            .Where(message => message.Role == ChatRole.System && message.Content.Any(part => part is not TextPart { Text.Length: 0 }))
            .Select(message => Merge([message]) is [TextPart text] ? text.Text : "")
            .ToArray();
        return texts.Length == 0 ? null : string.Join(Separator, texts);
    }

    private static void Append(List<ChatTurn> turns, ChatRole role, ChatMessage[] run, int start, TekkenVersion version)
    {
        switch (role)
        {
            case ChatRole.User or ChatRole.Assistant:
                turns.Add(new ChatTurn(role, Merge(run), [.. run.SelectMany(message => message.ToolCalls)], null, start));
                break;
            case ChatRole.System:
                if (version == TekkenVersion.V3) break;
                turns.AddRange(run.Select((message, i) => new ChatTurn(role, Merge([message]), [], null, start + i)));
                break;
            default:
                var results = run.Select((message, i) => new ChatTurn(role, Merge([message]), [], message.ToolCallId, start + i));
                turns.AddRange(version >= TekkenVersion.V11 ? InOrderOfCalls(results, turns.LastOrDefault()) : results);
                break;
        }
    }

    private static IEnumerable<ChatTurn> InOrderOfCalls(IEnumerable<ChatTurn> results, ChatTurn? assistant)
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var call in assistant?.ToolCalls ?? []) order.TryAdd(call.Id, order.Count);
        return results.OrderBy(result => order.GetValueOrDefault(result.ToolCallId!, int.MaxValue));
    }

    /// <summary>Joins texts by two newlines, within a message as between messages; empty ones vanish; pictures break the run.</summary>
    private static List<ContentPart> Merge(IReadOnlyList<ChatMessage> messages)
    {
        var merged = new List<ContentPart>();
        var text = new StringBuilder();
        foreach (var part in messages.SelectMany(message => message.Content))
        {
            if (part is TextPart { Text: var piece })
            {
                if (piece.Length == 0) continue;
                if (text.Length > 0) text.Append(Separator);
                text.Append(piece);
                continue;
            }

            EndText();
            merged.Add(part);
        }

        EndText();
        return merged;

        void EndText()
        {
            if (text.Length > 0) merged.Add(new TextPart(text.ToString()));
            text.Clear();
        }
    }
}
