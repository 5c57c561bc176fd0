using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Contracts;
using Dray.Worker.Input;

namespace Dray.Worker.Page.Rows;

/// <summary>Makes what the page shows of a row.</summary>
internal static class RowViews
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes it of the row's line, and of its answer where there is one.</summary>
    public static RowView Of(RowIndex index, long row, ReadOnlyMemory<byte> line, BatchOutputRow? answer, bool isWhole)
    {
        var answering = index.Answering(row);
        var view = new RowView
        {
            Number = row + 1,
            CustomId = index.NameOf(row) ?? CustomIdReader.TryRead(line.Span) ?? answer?.CustomId ?? "",
            Messages = RowPrompt.Read(line),
            Request = isWhole ? RowPrompt.Settings(line) : null,
            SameAs = answering == row ? null : answering + 1,
        };
        return answer is null ? view : Answered(view, answer);
    }

    /// <summary>What an answer says, of a row whose line wasn't read.</summary>
    public static RowView Answer(BatchOutputRow answer) => Answered(new RowView { Number = 0, CustomId = answer.CustomId, Messages = [] }, answer);

    /// <summary>Whether a text stands in what the page shows of a row, upper and lower case being the same.</summary>
    public static bool Has(RowView view, string text)
    {
        return Contains(view.CustomId) || view.Messages.Any(message => Contains(message.Text)) || view.Answers.Any(Contains)
            || view.ToolCalls.Any(call => Contains(call.Name) || Contains(call.Arguments)) || Contains(view.ErrorMessage ?? "");

        bool Contains(string shown) => shown.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    private static RowView Answered(RowView view, BatchOutputRow answer)
    {
        if (!answer.IsSuccess)
        {
            var (code, message) = RowError.Of(answer);
            return view with { Outcome = RowOutcome.Failed, ErrorCode = code, ErrorMessage = message };
        }

        var completion = answer.Response!.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!;
        return view with
        {
            Outcome = RowOutcome.Succeeded,
            Answers = [.. completion.Choices.Select(choice => choice.Message.Content).OfType<string>().Select(Pretty)],
            ToolCalls =
            [
                .. completion.Choices.SelectMany(choice => choice.Message.ToolCalls ?? [])
                    .Select(call => new RowToolCall(call.Function.Name, Pretty(call.Function.Arguments))),
            ],
            FinishReason = completion.Choices is [var first, ..] ? first.FinishReason : null,
            PromptTokens = completion.Usage.PromptTokens,
            CompletionTokens = completion.Usage.CompletionTokens,
        };
    }

    // JSON is indented; anything else stays as it is.
    private static string Pretty(string text)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..]) return text;
        try
        {
            return JsonNode.Parse(text)?.ToJsonString(Indented) ?? text;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return text;
        }
    }
}
