using Dray.Inference;
using Dray.Inference.Tokenization;
using Dray.Quantization.Calibration.Conversations;

namespace Dray.Quantization.Calibration;

/// <summary>Turns texts and conversations into tokens, as one source wants them.</summary>
internal sealed class ItemEncoder(TekkenTokenizer tokenizer, TextBoundaries boundaries, DatasetSource source)
{
    private readonly ChatEncoder _chats = new(tokenizer);

    /// <summary>Encodes an item.</summary>
    /// <param name="item">The text or conversation.</param>
    /// <param name="seed">Picks the ids of calls.</param>
    /// <exception cref="RecordException">The conversation isn't one that the model can have.</exception>
    public TokenizedItem Encode(CalibrationItem item, int seed)
    {
        if (item.Chat is { } chat) return Encode(CallIds.Renew(WithSystemPrompt(chat), seed));
        var text = item.Text!;
        if (!source.ApplyChatTemplate) return new TokenizedItem(tokenizer.Encode(text), boundaries.Bos, boundaries.Eos);
        return Encode(new ChatRequest
        {
            Messages =
            [
                .. ChatMessages.System(source.SystemPrompt ?? DatasetSource.DefaultSystemPrompt),
                ChatMessages.Of(ChatRole.User, text),
            ],
        });
    }

    private ChatRequest WithSystemPrompt(ChatRequest chat) =>
        source.SystemPrompt is null || chat.Messages.Any(message => message.Role == ChatRole.System)
            ? chat
            : chat with { Messages = [.. ChatMessages.System(source.SystemPrompt), .. chat.Messages] };

    /// <summary>The conversation as the model has seen it once its last reply is written: with the end token behind it.</summary>
    private TokenizedItem Encode(ChatRequest chat)
    {
        var answered = chat.Messages[^1].Role == ChatRole.Assistant;
        try
        {
            var ids = _chats.Encode(chat with { ContinueFinalMessage = answered }, []).Ids.AsSpan(1);
            return new TokenizedItem(answered ? [.. ids, tokenizer.Eos] : ids.ToArray(), Bos: true, Eos: false);
        }
        catch (RequestRejectedException exception)
        {
            throw new RecordException($"is no conversation the model can have: {exception.Message}", exception);
        }
    }
}
