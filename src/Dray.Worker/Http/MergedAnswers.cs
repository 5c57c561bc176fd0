using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dray.Inference;

namespace Dray.Worker.Http;

/// <summary>The answers to several prompts of one request, which the engine runs together. Where one fails, the others are given up.</summary>
internal static class MergedAnswers
{
    /// <summary>Waits for all answers.</summary>
    public static async Task<GenerationResult[]> GenerateAsync(
        GenerationRequest[] requests, Func<GenerationRequest, CancellationToken, Task<GenerationResult>> generate, CancellationToken cancellationToken)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answers = requests.Select(request => generate(request, all.Token)).ToArray();
        await foreach (var answer in Task.WhenEach(answers))
        {
            if (answer.IsCompletedSuccessfully) continue;
            await all.CancelAsync();
            await Task.WhenAll(answers).ContinueWith(_ => { }, TaskScheduler.Default);
            await answer;
        }

        return await Task.WhenAll(answers);
    }

    /// <summary>Takes the pieces of all answers as they come; a choice's number goes on from those of the prompts before.</summary>
    public static async IAsyncEnumerable<GenerationUpdate> StreamAsync(
        IInferenceEngine engine, GenerationRequest[] requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var updates = Channel.CreateBounded<(int Prompt, GenerationUpdate Update)>(1);
        var results = new GenerationResult?[requests.Length];
        var pumps = requests.Select(PumpAsync).ToArray();
        var pumped = Task.WhenAll(pumps).ContinueWith(task => updates.Writer.TryComplete(task.Exception?.InnerException), TaskScheduler.Default);
        try
        {
            await foreach (var (prompt, update) in updates.Reader.ReadAllAsync(all.Token))
            {
                results[prompt] = update.Result;
                var isLast = results.All(result => result is not null);
                yield return update with { Choice = (prompt * requests[prompt].Sampling.N) + update.Choice, Result = isLast ? Together(results!) : null };
            }
        }
        finally
        {
            await all.CancelAsync();
            await pumped;
        }

        async Task PumpAsync(GenerationRequest request, int prompt)
        {
            try
            {
                await foreach (var update in engine.StreamAsync(request, all.Token)) await updates.Writer.WriteAsync((prompt, update), all.Token);
            }
            catch (Exception e)
            {
                // What failed first is what is told.
                updates.Writer.TryComplete(e);
                throw;
            }
        }
    }

    private static GenerationResult Together(GenerationResult[] results) => new(
        [.. results.SelectMany(result => result.Choices)], results.Sum(result => result.PromptTokens), results.Sum(result => result.CompletionTokens));
}
