using Dray.Inference;
using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http;

/// <summary>Sends an answer of the engine's piece by piece. When the client goes, reading ends, and with it the sequence in the engine.</summary>
internal static class LiveStream
{
    /// <summary>Sends the answer to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="answer">The engine's updates. What they throw before the first is thrown; afterwards it is the stream's last event.</param>
    /// <param name="chunksOf">Makes events of an update.</param>
    /// <param name="usageOf">Makes the event that tells what was used, or null for none.</param>
    /// <returns>The whole answer.</returns>
    public static async Task<GenerationResult> SendAsync<T>(
        HttpContext context, IAsyncEnumerable<GenerationUpdate> answer, Func<GenerationUpdate, IEnumerable<T>> chunksOf, Func<GenerationResult, T>? usageOf)
    {
        var events = new EventStream(context);
        GenerationResult? result = null;
        try
        {
            await foreach (var update in answer)
            {
                if (!context.Response.HasStarted) events.Begin();
                foreach (var chunk in chunksOf(update)) events.Add(chunk);
                result = update.Result;
                if (result is null)
                {
                    await events.FlushAsync();
                    continue;
                }

                if (usageOf is not null) events.Add(usageOf(result));
                events.End();
                await events.FlushAsync();
            }
        }
        catch (Exception e) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            events.Add(HttpFailure.Of(e).Body);
            await events.FlushAsync();
            throw;
        }

        return result ?? throw new InvalidOperationException("The engine's answer ended without its result.");
    }
}
