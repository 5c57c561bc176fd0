using System.CommandLine;
using System.Text.Json.Nodes;
using Dray.Cli.Configuration;
using Dray.Inference.Tokenization;

namespace Dray.Cli.Commands;

/// <summary><c>dray tokenize</c>: text, chat requests or ids through the model's tokenizer.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var text = new Option<string?>("--text") { Description = "Text to tokenize.", HelpName = "STR" };
        var chat = new Option<string?>("--chat") { Description = "JSON file with a chat-completion body to tokenize.", HelpName = "REQUEST.json" };
        var jsonl = new Option<string?>("--jsonl")
        {
            Description = "File with one object a line: {\"text\"} -> {\"ids\"}, {\"request\"} -> {\"ids\",\"image_count\"}, {\"ids\"} -> {\"text\"}; a bad line gives {\"error\"}.",
            HelpName = "FILE",
        };
        var json = CommonOptions.Json();
        var command = new Command("tokenize", "Turn text or a chat request into token ids, or ids into text.") { text, chat, jsonl, json };
        var configured = ConfigurationOptions.OfModel(command);
        command.Validators.Add(result =>
        {
            if (new Option[] { text, chat, jsonl }.Count(option => result.GetResult(option) is not null) != 1)
                result.AddError("tokenize needs exactly one of --text, --chat and --jsonl.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var session = new TokenizeSession(configured.Resolve(parsed));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(jsonl) is { } lines)
            {
                await foreach (var line in File.ReadLinesAsync(lines, cancellationToken))
                    if (!string.IsNullOrWhiteSpace(line)) await output.WriteLineAsync(session.AnswerLine(line, Path.GetDirectoryName(Path.GetFullPath(lines))!).ToJsonString());
                return ExitCode.Done;
            }

            var ids = parsed.GetValue(chat) is { } file ? session.EncodeChatFile(file) : session.Tokenizer.Encode(parsed.GetValue(text)!);
            await output.WriteLineAsync(parsed.GetValue(json)
                ? new JsonObject
                {
                    ["ids"] = TokenizeSession.ToJson(ids),
                    ["count"] = ids.Length,
                    ["text"] = session.Tokenizer.Decode(ids, SpecialTokenPolicy.Keep),
                }.ToJsonString()
                : $"{string.Join(' ', ids)}\n{ids.Length} tokens");
            return ExitCode.Done;
        });
        return command;
    }
}
