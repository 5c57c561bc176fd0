using System.Runtime.CompilerServices;
using Dray.Inference;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Benchmarks.Http;

/// <summary>An engine over another one, in which some requests give one piece and then wait for good.</summary>
internal sealed class HeldEngine(IInferenceEngine engine) : IInferenceEngine
{
    /// <summary>What a prompt says that is to wait.</summary>
    public const string Held = "held";

    private int _holding;

    /// <summary>Gets how many requests wait.</summary>
    public int Holding => _holding;

    public ModelIdentity Model => engine.Model;

    public SamplingParams DefaultSampling => engine.DefaultSampling;

    public EngineStatistics Statistics => engine.Statistics;

    public Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default) => engine.GenerateAsync(request, cancellationToken);

    public async IAsyncEnumerable<GenerationUpdate> StreamAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (((ChatRequest)request.Prompt).Messages[^1].Content is not [TextPart { Text: Held }])
        {
            await foreach (var update in engine.StreamAsync(request, cancellationToken)) yield return update;
            yield break;
        }

        yield return new GenerationUpdate { Choice = 0, Text = "one" };
        Interlocked.Increment(ref _holding);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _holding);
        }
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();
}
