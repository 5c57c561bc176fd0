namespace Dray.Inference.Tokenization;

/// <summary>
/// Writes a conversation as the model was trained to read it, in the format of the tokenizer's version. v11, for one:
/// <code>
/// &lt;s&gt; [SYSTEM_PROMPT]..[/SYSTEM_PROMPT] [AVAILABLE_TOOLS]json[/AVAILABLE_TOOLS] [INST]..[/INST]
/// .. [TOOL_CALLS]name[CALL_ID]id[ARGS]json &lt;/s&gt; [TOOL_RESULTS]id[TOOL_CONTENT]..[/TOOL_RESULTS] .. &lt;/s&gt;
/// </code>
/// Each text is encoded by itself, never across a special token. Safe for use by several threads.
/// </summary>
public sealed class ChatEncoder
{
    private const int MaxImageTokens = 1 << 24;
    private readonly ChatValidator _validator;

    /// <summary>Initializes the encoder of a tokenizer.</summary>
    public ChatEncoder(TekkenTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        Tokenizer = tokenizer;
        _validator = new ChatValidator(tokenizer.Version);
    }

    /// <summary>Gets the tokenizer.</summary>
    public TekkenTokenizer Tokenizer { get; }

    /// <summary>Checks a conversation without encoding it.</summary>
    /// <exception cref="RequestRejectedException">
    /// Roles, ids, names, contents or tool schemas are wrong; the message names which.
    /// </exception>
    public void Validate(ChatRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        _validator.Validate(request);
        if (request.ImageUrls.Count > 0 && Tokenizer.Image is null)
            throw Rejected("The request has pictures but the model takes text only; leave them out.", "messages");
    }

    /// <summary>Encodes a conversation.</summary>
    /// <param name="request">The conversation.</param>
    /// <param name="images">The token grids of the pictures, in the order of <see cref="ChatRequest.ImageUrls"/>.</param>
    /// <exception cref="RequestRejectedException">The conversation isn't one that the model can be asked.</exception>
    public EncodedPrompt Encode(ChatRequest request, IReadOnlyList<ImageGrid> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        Validate(request);
        if (images.Count != request.ImageUrls.Count)
        {
            throw Rejected(
                $"The request refers to {request.ImageUrls.Count} pictures but {images.Count} were given; give one for each.", "messages");
        }

        foreach (var grid in images)
        {
            if (grid is { Columns: > 0, Rows: > 0 } && (long)grid.Columns * grid.Rows <= MaxImageTokens) continue;
            throw new ArgumentOutOfRangeException(nameof(images), grid, $"A picture's grid must have 1 to {MaxImageTokens} tokens.");
        }

        var prompt = new PromptBuilder(Tokenizer, images);
        prompt.Add(Tokenizer.Bos);
        var turns = ChatTurns.Of(request, Tokenizer.Version);
        var lastUser = turns.FindLastIndex(turn => turn.Role == ChatRole.User);
        var withTools = request.Tools.Count == 0 ? -1
            : Tokenizer.Version >= TekkenVersion.V13 ? turns.FindIndex(turn => turn.Role == ChatRole.User)
            : lastUser;
        for (var i = 0; i < turns.Count; i++)
        {
            if (i == withTools) prompt.AddBetween("[AVAILABLE_TOOLS]", ChatJson.Tools(request.Tools), "[/AVAILABLE_TOOLS]");
            switch (turns[i].Role)
            {
                case ChatRole.System:
                    prompt.Add("[SYSTEM_PROMPT]").AddParts(turns[i].Content).Add("[/SYSTEM_PROMPT]");
                    break;
                case ChatRole.User:
                    var withSystem = i == lastUser && Tokenizer.Version == TekkenVersion.V3;
                    AddUser(prompt, turns[i], withSystem ? ChatTurns.SystemPrompt(request) : null);
                    break;
                case ChatRole.Assistant:
                    AddAssistant(prompt, turns[i]);
                    if (i < turns.Count - 1 || !request.ContinueFinalMessage) prompt.Add(Tokenizer.Eos);
                    break;
                default:
                    AddResult(prompt, turns[i]);
                    break;
            }
        }

        return prompt.Build();
    }

    private static void AddUser(PromptBuilder prompt, ChatTurn turn, string? systemPrompt)
    {
        prompt.Add("[INST]");
        var parts = turn.Content;
        if (parts is [TextPart, ImagePart]) parts = [parts[1], parts[0]];
        if (!string.IsNullOrEmpty(systemPrompt))
        {
            systemPrompt += "\n\n";
            if (parts is []) parts = [new TextPart(systemPrompt)];
            else if (parts is [TextPart { Text: var text }]) parts = [new TextPart(systemPrompt + text)];
            else prompt.AddText(systemPrompt);
        }

        prompt.AddParts(parts).Add("[/INST]");
    }

    private void AddAssistant(PromptBuilder prompt, ChatTurn turn)
    {
        if (turn.Content.Count == 0 && turn.ToolCalls.Count == 0)
        {
            throw Rejected(
                "Invalid assistant message: it has neither text nor tool calls; give it one of them or leave it out.",
                $"messages[{turn.FirstMessage}].content");
        }

        if (turn.Content is [TextPart { Text: var text }]) prompt.AddText(text.TrimEnd(' '));
        else prompt.AddParts(turn.Content);
        if (turn.ToolCalls.Count == 0) return;
        if (Tokenizer.Version <= TekkenVersion.V7)
        {
            prompt.Add("[TOOL_CALLS]").AddText(ChatJson.Calls(turn.ToolCalls));
            return;
        }

        foreach (var call in turn.ToolCalls)
        {
            prompt.Add("[TOOL_CALLS]").AddText(call.Name);
            if (Tokenizer.Version == TekkenVersion.V11) prompt.Add("[CALL_ID]").AddText(call.Id);
            prompt.Add("[ARGS]").AddText(ChatJson.Arguments(call.Arguments));
        }
    }

    private void AddResult(PromptBuilder prompt, ChatTurn turn)
    {
        var content = turn.Content is [TextPart { Text: var text }] ? text : "";
        prompt.Add("[TOOL_RESULTS]");
        if (Tokenizer.Version == TekkenVersion.V3) content = ChatJson.Result(content, turn.ToolCallId!);
        else if (Tokenizer.Version < TekkenVersion.V13) prompt.AddText(turn.ToolCallId!).Add("[TOOL_CONTENT]");
        prompt.AddText(content).Add("[/TOOL_RESULTS]");
    }

    private static RequestRejectedException Rejected(string message, string path) =>
        new(RequestErrorCodes.InvalidRequest, message, path);
}
