using System.Text;
using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Tokenization;
using Dray.Quantization.Calibration.Records;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>
/// Understands records. A string, <c>text</c>, <c>input_ids</c> and the value of an object's only member are texts, as AutoRound has
/// it; <c>messages</c> (OpenAI), <c>conversations</c> (ShareGPT), <c>query</c> with <c>answers</c> (xLAM) and pairs of a question and
/// an answer are conversations.
/// </summary>
internal static class RecordReader
{
    private static readonly string[] Questions = ["instruction", "prompt", "question", "input"];
    private static readonly string[] Answers = ["output", "completion", "answer", "response"];

    /// <summary>Reads a record.</summary>
    /// <exception cref="RecordException">It can't be used; the message ends a sentence that begins with where it is.</exception>
    public static CalibrationItem Read(SourceRecord record)
    {
        if (!record.IsJson) return TextOf(Encoding.UTF8.GetString(record.Utf8));
        if (record.Utf8.Length > RecordLimits.RecordBytes) throw new RecordException($"is longer than {RecordLimits.RecordBytes} bytes");
        try
        {
            using var document = JsonDocument.Parse(record.Utf8);
            return Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new RecordException($"isn't JSON: {exception.Message}", exception);
        }
        catch (RequestRejectedException exception)
        {
            throw new RecordException($"is no conversation the model can have: {exception.Message}", exception);
        }
        catch (ArgumentException exception)
        {
            throw new RecordException("has an object with the same name twice", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new RecordException("has a name or text that isn't valid Unicode", exception);
        }
    }

    private static CalibrationItem Read(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String) return TextOf(JsonText.Read(item));
        if (item.ValueKind != JsonValueKind.Object) throw new RecordException("is neither a string nor an object");
        var record = new RecordFields(item);
        if (record.Json("messages") is { ValueKind: JsonValueKind.Array } messages) return ChatOf(OpenAiConversation.Read(record, messages));
        if (record.Json("conversations") is { ValueKind: JsonValueKind.Array } turns) return ChatOf(ShareGptConversation.Read(record, turns));
        if (record.Text("query") is { } query && record.Json("answers") is { ValueKind: JsonValueKind.Array } calls)
            return ChatOf(XlamConversation.Read(record, query, calls));
        if ((record.Text("text") ?? record.Text("input_ids") ?? record.OnlyText) is { } text) return TextOf(text);
        if (Pair(record) is { } pair) return ChatOf(pair);
        throw new RecordException(
            "has none of the fields that are read: text, messages, conversations, query and answers, instruction and output, " +
            "prompt and completion, question and answer");
    }

    private static ChatRequest? Pair(RecordFields record)
    {
        var answer = Answers.Select(record.Text).FirstOrDefault(text => text is not null);
        var asked = Questions.Select(name => (Name: name, Text: record.Text(name))).FirstOrDefault(question => question.Text is not null);
        if (answer is null || asked.Text is null) return null;
        var input = asked.Name == "input" ? null : record.Text("input");
        var question = string.IsNullOrEmpty(input) ? asked.Text : $"{asked.Text}\n\n{input}";
        return new ChatRequest
        {
            Messages =
            [
                .. ChatMessages.System(record.Text("system") ?? record.Text("system_prompt")),
                ChatMessages.Of(ChatRole.User, question),
                ChatMessages.Of(ChatRole.Assistant, answer),
            ],
        };
    }

    private static CalibrationItem TextOf(string text)
    {
        // Trailing blanks go, as in AutoRound; Python counts four separators among them that .NET doesn't.
        var length = text.Length;
        while (length > 0 && (char.IsWhiteSpace(text[length - 1]) || text[length - 1] is >= '\x1c' and <= '\x1f')) length--;
        return length > 0 ? new CalibrationItem(text[..length], null) : throw new RecordException("is empty");
    }

    private static CalibrationItem ChatOf(ChatRequest chat) => chat.Messages.Count > 0
        ? new CalibrationItem(null, chat)
        : throw new RecordException("has no messages");
}
