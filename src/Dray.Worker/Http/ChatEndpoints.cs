using Dray.Contracts;
using Dray.Inference;
using Dray.Inference.Scheduling;
using Dray.Worker.Execution;
using Dray.Worker.Images;
using Dray.Worker.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dray.Worker.Http;

/// <summary>
/// <c>/v1/chat/completions</c>. Somebody waits for these answers: they don't queue with the rows of batches but go to the engine at once,
/// before all others there.
/// </summary>
internal sealed class ChatEndpoints(IInferenceEngine engine, ServedModels models, ImageResolver images, TimeProvider time)
{
    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder live) => live.MapPost("/v1/chat/completions", (Delegate)AnswerAsync)
        .WithTags("chat").WithSummary("Answers a conversation, whole or, with stream, as server-sent events of chunks.")
        .Accepts<ChatCompletionRequest>("application/json").Produces<ChatCompletion>()
        .Produces<ErrorResponse>(StatusCodes.Status400BadRequest);

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        var (chat, options) = await ReadAsync(context);
        var identity = RequestIdentity.OfLive(time.GetUtcNow());
        context.Response.Headers["x-request-id"] = identity.RequestId;
        var request = chat.Request with
        {
            Images = await images.ResolveAsync(chat.Chat.ImageUrls, identity.BatchId, context.RequestAborted),
            Priority = RequestPriority.Interactive,
        };
        if (options.Streams)
        {
            var chunks = new ChatChunks(chat.Model, identity);
            await RowSpan.MeasureAsync(chat.Model, () => LiveStream.SendAsync(
                context, engine.StreamAsync(request, context.RequestAborted), chunks.Of, options.IncludeUsage ? chunks.Usage : null));
            return Results.Empty;
        }

        var result = await RowSpan.MeasureAsync(chat.Model, () => engine.GenerateAsync(request, context.RequestAborted));
        return Results.Json(Completions.From(result, chat.Model, identity), ContractsJson.Options);
    }

    // The document is gone before the answer begins: a body with pictures is large, and answers take long.
    private async Task<(ChatBody Chat, StreamOptions Options)> ReadAsync(HttpContext context)
    {
        using var document = await RequestBody.ReadAsync(context);
        var body = document.RootElement;
        KnownFields.Chat.Require(body);
        var options = StreamOptions.Read(body);
        var chat = ChatBody.Read(() => body, engine, models, mayStream: true);
        if (options.Streams && chat.Request.Sampling.PromptLogProbs is not null)
            throw new RequestRejectedException(RequestErrorCodes.InvalidRequest, "'prompt_logprobs' can't be streamed; leave it or 'stream' out.", "prompt_logprobs");

        // Official clients may send an effort whatever the model is; one that can't make one has only one.
        var prompt = chat.Chat with { ReasoningEffort = null };
        return (chat with { Chat = prompt, Request = chat.Request with { Prompt = prompt } }, options);
    }
}
