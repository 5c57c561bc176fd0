using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Inference;
using Dray.Inference.Tokenization;
using Dray.Inference.Vision;

namespace Dray.Cli.Commands;

/// <summary><c>dray tokenize</c>: text, chat requests or ids through the model's tokenizer.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var text = new Option<string?>("--text") { Description = "Text to tokenize.", HelpName = "STR" };
        var chat = new Option<FileInfo?>("--chat") { Description = "JSON file with a chat-completion body to tokenize.", HelpName = "REQUEST.json" };
        var jsonl = new Option<FileInfo?>("--jsonl")
        {
            Description = "File with one object a line: {\"text\"} -> {\"ids\"}, {\"request\"} -> {\"ids\",\"image_count\"}, {\"ids\"} -> {\"text\"}; a bad line gives {\"error\"}.",
            HelpName = "FILE",
        };
        var json = CommonOptions.Json();
        var command = new Command("tokenize", "Turn text or a chat request into token ids, or ids into text.") { model, text, chat, jsonl, json };
        command.Validators.Add(result =>
        {
            var given = new Option[] { text, chat, jsonl }.Count(option => result.GetResult(option) is not null);
            if (given != 1) result.AddError("tokenize needs exactly one of --text, --chat and --jsonl.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetRequiredValue(model);
            var tokenizer = TekkenTokenizer.Load(Path.Combine(folder, "tekken.json"));
            var session = new Session(tokenizer);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(jsonl) is { } lines)
            {
                await foreach (var line in File.ReadLinesAsync(lines.FullName, cancellationToken))
                {
                    if (!string.IsNullOrWhiteSpace(line)) await output.WriteLineAsync(session.Answer(line).ToJsonString());
                }

                return ExitCode.Done;
            }

            var ids = parsed.GetValue(chat) is { } file
                ? session.EncodeChat(ReadBody(file), file.DirectoryName!).Ids
                : tokenizer.Encode(parsed.GetValue(text)!);
            var shown = tokenizer.Decode(ids, SpecialTokenPolicy.Keep);
            await output.WriteLineAsync(parsed.GetValue(json)
                ? new JsonObject { ["ids"] = Array(ids), ["count"] = ids.Count, ["text"] = shown }.ToJsonString()
                : $"{string.Join(' ', ids)}\n{ids.Count} tokens");
            return ExitCode.Done;
        });
        return command;
    }
}
