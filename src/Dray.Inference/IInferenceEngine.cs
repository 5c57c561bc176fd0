using System.Runtime.CompilerServices;
using Dray.Inference.Sampling;

namespace Dray.Inference;

/// <summary>Answers chat requests with one loaded model. Thread-safe: call it from as many tasks as you like, it batches them.</summary>
public interface IInferenceEngine : IAsyncDisposable
{
    /// <summary>Gets what is loaded.</summary>
    ModelIdentity Model { get; }

    /// <summary>Gets the sampling that holds where a request says nothing: the checkpoint's generation_config.json and the operator's overrides.</summary>
    SamplingParams DefaultSampling { get; }

    /// <summary>Gets totals since start.</summary>
    EngineStatistics Statistics { get; }

    /// <summary>
    /// Gets a task that ends when the device is lost, and never otherwise: by then all requests fail with its result, and only a new process
    /// can answer them.
    /// </summary>
    Task<DeviceLostException> DeviceLost => new TaskCompletionSource<DeviceLostException>().Task;

    /// <summary>Answers one request.</summary>
    /// <exception cref="RequestRejectedException">The request itself is at fault; other requests are not affected.</exception>
    /// <exception cref="DeviceLostException">The device is lost, which is no fault of the request.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; the request's memory is free again.</exception>
    Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Answers one request piece by piece: joined, the pieces of a choice are what <see cref="GenerateAsync"/> gives. A reader that is slow
    /// gets fewer, longer pieces. To stop reading is to cancel: the request's memory is free again.
    /// </summary>
    /// <exception cref="RequestRejectedException">The request itself is at fault; thrown before the first update.</exception>
    /// <exception cref="DeviceLostException">The device is lost, which is no fault of the request.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    async IAsyncEnumerable<GenerationUpdate> StreamAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var result = await GenerateAsync(request, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < result.Choices.Count; i++)
        {
            var choice = result.Choices[i];
            yield return new GenerationUpdate
            {
                Choice = i,
                Text = choice.Content ?? "",
                ToolCalls = choice.ToolCalls,
                LogProbs = choice.LogProbs ?? [],
                FinishReason = choice.FinishReason,
                Result = i == result.Choices.Count - 1 ? result : null,
            };
        }
    }
}
