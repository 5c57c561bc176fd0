using Dray.Contracts;
using Dray.Inference;
using Dray.Inference.Scheduling;
using Dray.Inference.Tokenization;
using Dray.Worker.Execution;
using Dray.Worker.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dray.Worker.Http;

/// <summary><c>/v1/completions</c>: texts that the model goes on with, or only their probabilities, as evaluation harnesses ask for.</summary>
internal sealed class CompletionEndpoints(IInferenceEngine engine, ServedModels models, TimeProvider time)
{
    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder live) => live.MapPost("/v1/completions", (Delegate)AnswerAsync)
        .WithTags("completions").WithSummary("Goes on with texts, whole or, with stream, as server-sent events; with echo and logprobs it tells how probable they are.")
        .Accepts<CompletionRequest>("application/json").Produces<TextCompletion>()
        .Produces<ErrorResponse>(StatusCodes.Status400BadRequest);

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        var (body, options) = await ReadAsync(context);
        var identity = RequestIdentity.OfLive(time.GetUtcNow());
        context.Response.Headers["x-request-id"] = identity.RequestId;
        var completions = new TextCompletions(body, identity);
        var requests = body.Prompts.Select(prompt => RequestOf(body, prompt)).ToArray();
        if (options.Streams)
        {
            await RowSpan.MeasureAsync(body.Model, () => LiveStream.SendAsync(
                context, MergedAnswers.StreamAsync(engine, requests, context.RequestAborted), completions.Chunks, options.IncludeUsage ? completions.Usage : null));
            return Results.Empty;
        }

        var results = await MergedAnswers.GenerateAsync(requests, (request, token) => RowSpan.MeasureAsync(body.Model, () => engine.GenerateAsync(request, token)), context.RequestAborted);
        return Results.Json(completions.Whole(results), ContractsJson.Options);
    }

    private async Task<(CompletionBody Body, StreamOptions Options)> ReadAsync(HttpContext context)
    {
        using var document = await RequestBody.ReadAsync(context);
        KnownFields.Completion.Require(document.RootElement);
        var options = StreamOptions.Read(document.RootElement);
        return (CompletionBody.Read(document.RootElement, engine, models, options.Streams), options);
    }

    private static GenerationRequest RequestOf(CompletionBody body, TextPrompt prompt) => new()
    {
        Prompt = prompt,
        Priority = RequestPriority.Interactive,
        Sampling = body.Sampling with
        {
            // The engine always adds a token; where none is asked for, it isn't shown.
            MaxTokens = Math.Max(1, body.Sampling.MaxTokens ?? 1),

            // A prompt of ids is shown as the text of its tokens.
            PromptLogProbs = !body.Echoes ? null : body.Sampling.LogProbs ?? (prompt.Text is null ? 0 : null),
        },
    };
}
