using Dray.Inference;
using Dray.Inference.Sampling;

namespace Dray.Benchmarks.Queue;

/// <summary>An engine that answers at once, so that what is measured is everything else.</summary>
/// <param name="clockFile">Holds when the last answer was given, for another process to read.</param>
internal sealed class InstantEngine(string clockFile) : IInferenceEngine
{
    private readonly SharedClock _lastAnswer = new(clockFile);

    private static readonly GenerationResult Answer = new([new GenerationChoice(new string('a', 200), [], FinishReason.Stop)], 100, 50);

    public ModelIdentity Model { get; } = new("instant", "0", "none", 4096);

    public SamplingParams DefaultSampling { get; } = new();

    public EngineStatistics Statistics => default;

    public Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        _lastAnswer.Set();
        return Task.FromResult(Answer);
    }

    public ValueTask DisposeAsync()
    {
        _lastAnswer.Dispose();
        return ValueTask.CompletedTask;
    }
}
