using Dray.Inference.Tokenization;

namespace Dray.Quantization.Calibration.Conversations;

/// <summary>Makes messages of text.</summary>
internal static class ChatMessages
{
    /// <summary>A message of one text, or without content where the text is empty.</summary>
    public static ChatMessage Of(ChatRole role, string text) => new() { Role = role, Content = text.Length == 0 ? [] : [new TextPart(text)] };

    /// <summary>A system prompt as the messages before a conversation: one, or none where there is no prompt.</summary>
    public static ChatMessage[] System(string? prompt) => string.IsNullOrEmpty(prompt) ? [] : [Of(ChatRole.System, prompt)];
}
