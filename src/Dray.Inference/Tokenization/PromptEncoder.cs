namespace Dray.Inference.Tokenization;

/// <summary>Turns prompts of either kind into token ids. Safe for use by several threads.</summary>
internal sealed class PromptEncoder(TekkenTokenizer tokenizer)
{
    private readonly ChatEncoder _chat = new(tokenizer);

    /// <summary>Checks a prompt without encoding it.</summary>
    /// <exception cref="RequestRejectedException">It isn't one that the model can be asked.</exception>
    public void Validate(Prompt prompt)
    {
        if (prompt is ChatRequest chat) _chat.Validate(chat);
        else Validate((TextPrompt)prompt);
    }

    /// <summary>Encodes a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="images">The token grids of its pictures, in order.</param>
    /// <exception cref="RequestRejectedException">It isn't one that the model can be asked.</exception>
    public EncodedPrompt Encode(Prompt prompt, IReadOnlyList<ImageGrid> images)
    {
        if (prompt is ChatRequest chat) return _chat.Encode(chat, images);
        var text = (TextPrompt)prompt;
        Validate(text);
        if (images.Count > 0) throw Rejected("A text prompt can't have pictures; send them in a conversation.");
        return new EncodedPrompt(text.Ids is { } ids ? [.. ids] : [tokenizer.Bos, .. tokenizer.Encode(text.Text)], []);
    }

    /// <summary>The tools that a prompt offers.</summary>
    public static IReadOnlyList<ChatTool> ToolsOf(Prompt prompt) => prompt is ChatRequest chat ? chat.Tools : [];

    private static RequestRejectedException Rejected(string message) => new(RequestErrorCodes.InvalidRequest, message, "prompt");

    private void Validate(TextPrompt prompt)
    {
        if (prompt.Ids is not { } ids) return;
        if (ids.Count == 0) throw Rejected("The prompt has no tokens; give at least one.");
        foreach (var id in ids)
        {
            if ((uint)id >= (uint)tokenizer.VocabularySize)
                throw Rejected($"The prompt has the token {id}, but the model's tokens are 0 to {tokenizer.VocabularySize - 1}.");
        }
    }
}
