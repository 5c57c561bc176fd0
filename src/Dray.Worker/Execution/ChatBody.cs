using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Worker.Execution;

/// <summary>What a chat-completion body asks for; it holds no reference to the body's document.</summary>
/// <param name="Request">What the engine is to do, its pictures still to be fetched.</param>
/// <param name="Chat">The conversation.</param>
/// <param name="Model">The name of the model that answers.</param>
internal readonly record struct ChatBody(GenerationRequest Request, ChatRequest Chat, string Model)
{
    /// <summary>Reads the body that <paramref name="readBody"/> gives; what that throws counts as the request's fault too.</summary>
    /// <param name="readBody">Gives the body.</param>
    /// <param name="engine">What is to answer.</param>
    /// <param name="models">The models that may be asked for.</param>
    /// <param name="mayStream">Whether the answer may be asked for piece by piece.</param>
    /// <exception cref="RequestRejectedException">Something is wrong with it; the message names the field.</exception>
    public static ChatBody Read(Func<JsonElement> readBody, IInferenceEngine engine, ServedModels models, bool mayStream)
    {
        try
        {
            var body = readBody();
            if (body.ValueKind != JsonValueKind.Object)
                throw new RequestRejectedException(
                    RequestErrorCodes.InvalidRequest, "The body isn't a JSON object; write the chat completion request there.", "body");
            if (!mayStream) RefuseStreaming(body);
            var model = models.Resolve(body);
            var sampling = SamplingParams.Parse(body, engine.DefaultSampling);
            var chat = ChatRequest.Parse(body);
            return new ChatBody(new GenerationRequest { Prompt = chat, Sampling = sampling, Format = StructuredOutput.Parse(body, chat) }, chat, model);
        }
        catch (InvalidOperationException e)
        {
            // An escaped half of a surrogate pair is JSON by its grammar, but the reader refuses to make text of it.
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest,
                $"A name or string of the request can't be read as text; write whole characters, not halves of surrogate pairs. {e.Message}",
                null,
                e);
        }
    }

    private static void RefuseStreaming(JsonElement body)
    {
        if (body.TryGetProperty("stream", out var stream) && stream.ValueKind is not (JsonValueKind.False or JsonValueKind.Null))
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest, "A batch can't stream; leave out the field stream or set it to false.", "stream");
    }
}
