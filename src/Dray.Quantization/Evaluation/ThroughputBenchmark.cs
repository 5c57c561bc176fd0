using Dray.Inference;
using Dray.Inference.Sampling;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Measures an engine from the outside: so many requests at once, each with a prompt of its own and a fixed number of tokens to generate,
/// from the first submission to the last answer. Each level starts with a round that isn't counted.
/// </summary>
/// <param name="engine">What is measured; nothing else may use it meanwhile.</param>
/// <param name="prompts">The prompts.</param>
/// <param name="time">The clock, or null for the system's.</param>
public sealed class ThroughputBenchmark(IInferenceEngine engine, SyntheticPrompts prompts, TimeProvider? time = null)
{
    private const int WarmUpTokens = 8;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private int _seed;

    /// <summary>Runs every level, one after the other.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told the requests done of the level in progress.</param>
    /// <param name="cancellationToken">Stops the benchmark.</param>
    /// <exception cref="ArgumentException">One of the options is out of range; the message names it.</exception>
    public async Task<IReadOnlyList<ThroughputLevel>> RunAsync(
        ThroughputOptions options, IProgress<(int Concurrency, int Done, int Requests)>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var levels = new List<ThroughputLevel>();
        foreach (var concurrency in options.Concurrency)
        {
            var requests = options.RequestsOf(concurrency);
            await MeasureAsync(concurrency, Math.Min(concurrency, requests), Math.Min(WarmUpTokens, options.MaxTokens), null, cancellationToken);
            levels.Add(await MeasureAsync(concurrency, requests, options.MaxTokens, progress, cancellationToken));
        }

        return levels;
    }

    private async Task<ThroughputLevel> MeasureAsync(
        int concurrency, int requests, int maxTokens, IProgress<(int Concurrency, int Done, int Requests)>? progress, CancellationToken cancellationToken)
    {
        var first = _seed;
        _seed += requests;
        var (next, done) = (0, 0);
        var timings = new RequestTiming[requests];
        var before = engine.Statistics;
        var start = _time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, requests)).Select(_ => RunLaneAsync()));
        return new ThroughputLevel(concurrency, timings, _time.GetElapsedTime(start), engine.Statistics.Steps - before.Steps);

        async Task RunLaneAsync()
        {
            while (Interlocked.Increment(ref next) - 1 is var index && index < requests)
            {
                timings[index] = await TimeAsync(first + index, maxTokens, cancellationToken);
                progress?.Report((concurrency, Interlocked.Increment(ref done), requests));
            }
        }
    }

    private async Task<RequestTiming> TimeAsync(int seed, int maxTokens, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest
        {
            Prompt = prompts.Create(seed),
            Sampling = new SamplingParams { Temperature = 0, MaxTokens = maxTokens, IgnoreEos = true },
        };
        var start = _time.GetTimestamp();
        try
        {
            var result = await engine.GenerateAsync(request, cancellationToken);
            return new RequestTiming(_time.GetElapsedTime(start), result.PromptTokens, result.CompletionTokens, null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new RequestTiming(_time.GetElapsedTime(start), 0, 0, exception.Message);
        }
    }
}
