using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Measures whole layers of random weights as llama-bench measures a model: a prompt in one pass (its pp), one sequence decoding from an
/// empty context (its tg), sequences that decode together, and a batch of many prompts; with the machine's limits beside them.
/// </summary>
/// <param name="backend">What is measured; nothing else may use it meanwhile.</param>
/// <param name="options">What to run.</param>
public sealed class LayersBenchmark(CpuBackend backend, LayersOptions options)
{
    /// <summary>The tokens that sequences have before they decode together.</summary>
    private const int ParallelContext = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RepeatClock _clock = new(options.Repeats, Patience);

    /// <summary>Runs everything.</summary>
    /// <param name="progress">Told what begins.</param>
    /// <param name="cancellationToken">Stops the benchmark between two passes.</param>
    /// <exception cref="ArgumentException">One of the options is out of range; the message names it.</exception>
    public LayersResult Run(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        progress?.Report("the machine's limits");
        var limits = backend.MeasureLimits();
        progress?.Report($"random weights of {options.Layers} layers");
        var prompts = Prompts();
        using var model = new SyntheticModel(backend, BenchmarkShapes.Of(options.Shape) with { Layers = options.Layers }, KvTokens(prompts));
        model.Reserve(Math.Max(options.PrefillTokens, options.PromptTokens), Math.Max(prompts.Length, options.Parallel.DefaultIfEmpty(1).Max()));

        double Rate(string name, int tokens, Action action, bool warmsUp = true)
        {
            progress?.Report(name);
            return tokens / _clock.Seconds(action, warmsUp, cancellationToken);
        }

        void Decode(int sequences, int before)
        {
            var lengths = Enumerable.Repeat(1, sequences).ToArray();
            for (var i = 0; i < options.DecodeTokens; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                model.Run(lengths, before + i, before + options.DecodeTokens);
            }
        }

        double Together(int sequences)
        {
            model.Run([.. Enumerable.Repeat(ParallelContext, sequences)], 0, ParallelContext + options.DecodeTokens);
            return Rate($"{sequences} decoding together", sequences * options.DecodeTokens, () => Decode(sequences, ParallelContext));
        }

        var prompt = Rate($"a prompt of {options.PromptTokens} tokens", options.PromptTokens, () => model.Run([options.PromptTokens], 0, options.PromptTokens));
        var decode = Rate($"{options.DecodeTokens} steps of one sequence", options.DecodeTokens, () => Decode(1, 0));

        // Close to the figure that memory limits: what a machine can read varies with what others do beside it.
        progress?.Report("the machine's limits again");
        limits = limits.Or(backend.MeasureLimits());
        var parallel = options.Parallel.Distinct().Select(sequences => (sequences, Together(sequences))).ToArray();

        // The longest pass by far; the one prompt has warmed up what it needs.
        double? prefill = prompts.Length == 0
            ? null
            : Rate($"{prompts.Length} prompts of {options.PrefillTokens} tokens together", options.PrefillTokens, () => model.Run(prompts, 0, options.PromptTokens), warmsUp: false);
        return new LayersResult(prompt, decode, parallel, prefill, model.StepBytes, model.OperationsPerToken, limits);
    }

    /// <summary>The batch cut into prompts, of which the last may be shorter.</summary>
    private int[] Prompts()
    {
        var lengths = new List<int>();
        for (var left = options.PrefillTokens; left > 0; left -= lengths[^1]) lengths.Add(Math.Min(left, options.PromptTokens));
        return [.. lengths];
    }

    private int KvTokens(int[] prompts)
    {
        static int Whole(int tokens) => KvCache.BlocksOf(tokens) * KvCache.BlockTokens;
        var together = options.Parallel.DefaultIfEmpty(1).Max() * Whole(ParallelContext + options.DecodeTokens);
        return Math.Max(together, Math.Max(1, prompts.Length) * Whole(options.PromptTokens));
    }
}
