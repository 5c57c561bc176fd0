using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Dray.Inference;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Benchmarks.Http;

/// <summary>An engine over another one, in which some requests give one piece and then wait for good, or many at a pace.</summary>
internal sealed class HeldEngine(IInferenceEngine engine) : IInferenceEngine
{
    /// <summary>What a prompt says that is to wait.</summary>
    public const string Held = "held";

    /// <summary>What a prompt says whose pieces are to come at a steady pace, each with the time when it was given.</summary>
    public const string Paced = "paced";

    private const int PacedPieces = 100;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private int _holding;

    /// <summary>Gets how many requests wait.</summary>
    public int Holding => _holding;

    public ModelIdentity Model => engine.Model;

    public SamplingParams DefaultSampling => engine.DefaultSampling;

    public EngineStatistics Statistics => engine.Statistics;

    public Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default) => engine.GenerateAsync(request, cancellationToken);

    public async IAsyncEnumerable<GenerationUpdate> StreamAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = ((TextPart)((ChatRequest)request.Prompt).Messages[^1].Content[0]).Text;
        if (prompt == Paced)
        {
            for (var i = 0; i < PacedPieces; i++)
            {
                await Task.Delay(Pace, cancellationToken);
                yield return new GenerationUpdate { Choice = 0, Text = Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture) };
            }

            yield return new GenerationUpdate { Choice = 0, FinishReason = FinishReason.Length, Result = new GenerationResult([], 1, PacedPieces) };
            yield break;
        }

        if (prompt != Held)
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
