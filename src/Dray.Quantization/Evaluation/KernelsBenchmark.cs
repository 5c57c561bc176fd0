using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Evaluation;

/// <summary>Measures every matrix product of a layer, and the head's, with the machine's limits beside them.</summary>
/// <param name="backend">What is measured; nothing else may use it meanwhile.</param>
/// <param name="options">What to run.</param>
public sealed class KernelsBenchmark(CpuBackend backend, KernelsOptions options)
{
    private const long TurnBytes = 256L << 20;
    private const int MostRepeats = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly RepeatClock _clock = new(MostRepeats, Patience);
    private readonly TextConfig _shape = BenchmarkShapes.Of(options.Shape);

    /// <summary>Runs everything.</summary>
    /// <param name="progress">Told what begins.</param>
    /// <param name="cancellationToken">Stops the benchmark between two products.</param>
    /// <exception cref="ArgumentException">One of the options is out of range; the message names it.</exception>
    public KernelsResult Run(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        options.Validate();
        progress?.Report("the machine's limits");
        var limits = backend.MeasureLimits();
        var timings = new List<KernelTiming>();
        foreach (var (matrix, parts) in Matrices())
        {
            progress?.Report(matrix);
            timings.AddRange(Measure(matrix, parts, cancellationToken));
        }

        progress?.Report("the machine's limits again");
        return new KernelsResult(timings, limits.Or(backend.MeasureLimits()));
    }

    private IEnumerable<(string Matrix, LinearSource[] Parts)> Matrices()
    {
        var weights = new SyntheticWeights(_shape);
        LinearSource Of(string module) => weights.Linear($"{ModuleNames.Decoder}layers.0.{module}");
        yield return ("qkv", [Of("self_attn.q_proj"), Of("self_attn.k_proj"), Of("self_attn.v_proj")]);
        yield return ("o", [Of("self_attn.o_proj")]);
        yield return ("gate_up", [Of("mlp.gate_proj"), Of("mlp.up_proj")]);
        yield return ("down", [Of("mlp.down_proj")]);
        yield return ("lm_head", [weights.Linear(ModuleNames.Head)]);
    }

    private List<KernelTiming> Measure(string matrix, LinearSource[] parts, CancellationToken cancellationToken)
    {
        var copies = new List<WeightMatrix>();
        try
        {
            do copies.Add(backend.LoadMatrix(parts));
            while (copies.Count < (options.Layers ?? Math.Min(_shape.Layers, TurnBytes / copies[0].Bytes)));
            var (outputs, inputs) = (copies[0].Outputs, copies[0].Inputs);
            using var x = Filled(options.Rows.Max(), inputs);
            using var y = backend.Allocate(x.Rows, outputs);
            var timings = new List<KernelTiming>();
            foreach (var rows in options.Rows.Distinct())
            {
                var next = 0;
                var seconds = _clock.Seconds(() => backend.MatMul(x.Take(rows), copies[next++ % copies.Count], y.Take(rows)), true, cancellationToken);
                timings.Add(new KernelTiming(matrix, outputs, inputs, copies.Count, rows, copies[0].Bytes, seconds));
            }

            return timings;
        }
        finally
        {
            foreach (var copy in copies) copy.Dispose();
        }
    }

    private TensorBuffer Filled(int rows, int columns)
    {
        var buffer = backend.Allocate(rows, columns);
        var random = new Random(1);
        var values = new float[columns];
        for (var row = 0; row < rows; row++)
        {
            foreach (ref var value in values.AsSpan()) value = (random.NextSingle() * 2) - 1;
            backend.Upload(values, buffer.View.SliceRows(row, 1));
        }

        return buffer;
    }
}
