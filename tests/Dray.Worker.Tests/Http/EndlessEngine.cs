using System.Runtime.CompilerServices;
using Dray.Inference;
using Dray.Inference.Sampling;

namespace Dray.Worker.Tests.Http;

/// <summary>An engine whose answers never end, in large pieces.</summary>
internal sealed class EndlessEngine : IInferenceEngine
{
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task that ends when the reader of an answer has left.</summary>
    public Task Left => _left.Task;

    public ModelIdentity Model { get; } = new("endless", "e", "fake", 4096);

    public SamplingParams DefaultSampling { get; } = new();

    public EngineStatistics Statistics => default;

    public Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public async IAsyncEnumerable<GenerationUpdate> StreamAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var piece = new GenerationUpdate { Choice = 0, Text = new string('x', 64 * 1024) };
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
                yield return piece;
            }
        }
        finally
        {
            _left.SetResult();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
