using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Client;

namespace Dray.Worker.Http.Batches;

/// <summary>What a request to create a batch asks for.</summary>
/// <param name="InputFileId">The file of rows.</param>
/// <param name="Options">How to run it.</param>
internal sealed record BatchRequest(string InputFileId, SubmitOptions Options)
{
    private const int QuotedCharacters = 64;

    /// <summary>Reads a body.</summary>
    /// <exception cref="RequestRejectedException">It isn't such a request.</exception>
    public static BatchRequest Read(JsonElement body)
    {
        string? file = null, endpoint = null;
        var options = new SubmitOptions();
        foreach (var (name, value) in BodyFields.Of(body))
        {
            switch (name)
            {
                case "input_file_id": file = BodyFields.Text(name, value); break;
                case "endpoint": endpoint = BodyFields.Text(name, value); break;
                case "completion_window": options = options with { Expires = CompletionWindow.Parse(BodyFields.Text(name, value)) }; break;
                case "metadata": options = options with { Metadata = MetadataOf(value) }; break;
                case "priority": options = options with { Priority = PriorityOf(BodyFields.Text(name, value)) }; break;
                case "max_tokens_total": options = options with { MaxTokensTotal = BodyFields.Count(name, value) }; break;
                default: throw BodyFields.Unknown(name);
            }
        }

        if (file is null) throw Refuse("The input_file_id is missing; upload a file of rows, and give its id.", "input_file_id");
        if (endpoint is null) throw Refuse($"The endpoint is missing; write {BatchRow.ChatCompletionsUrl}.", "endpoint");
        if (endpoint != BatchRow.ChatCompletionsUrl)
            throw Refuse($"Batches of '{Quote(endpoint)}' aren't run here; the endpoint is {BatchRow.ChatCompletionsUrl}.", "endpoint");
        return new BatchRequest(file, options);
    }

    private static Dictionary<string, string>? MetadataOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Refuse("The metadata isn't a JSON object of strings.", "metadata");
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in BodyFields.Of(value, keepsNulls: true)) pairs[name] = BodyFields.Text($"metadata.{Quote(name)}", text);
        return pairs;
    }

    private static JobPriority PriorityOf(string text) => text switch
    {
        "low" => JobPriority.Low,
        "normal" => JobPriority.Normal,
        "high" => JobPriority.High,
        _ => throw Refuse($"The priority is '{Quote(text)}'; write low, normal or high.", "priority"),
    };

    private static string Quote(string text) => text.Length <= QuotedCharacters ? text : text[..QuotedCharacters] + "...";

    private static RequestRejectedException Refuse(string message, string param) => new(ErrorCodes.InvalidRequest, message, param);
}
