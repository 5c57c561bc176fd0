using Dray.Inference;
using Dray.Inference.Sampling;

namespace Dray.Cli.Labelling;

/// <summary>An engine that several batches use, one after the other: none of them disposes of it.</summary>
internal sealed class LentEngine(IInferenceEngine engine) : IInferenceEngine
{
    public ModelIdentity Model => engine.Model;

    public SamplingParams DefaultSampling => engine.DefaultSampling;

    public EngineStatistics Statistics => engine.Statistics;

    public Task<DeviceLostException> DeviceLost => engine.DeviceLost;

    public Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default) =>
        engine.GenerateAsync(request, cancellationToken);

    public IAsyncEnumerable<GenerationUpdate> StreamAsync(GenerationRequest request, CancellationToken cancellationToken = default) =>
        engine.StreamAsync(request, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
