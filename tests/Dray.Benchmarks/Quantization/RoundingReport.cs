using System.Diagnostics;
using System.Globalization;
using Dray.Benchmarks.Compute;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization;
using Dray.Quantization.Rounding;

namespace Dray.Benchmarks.Quantization;

/// <summary>Times rounding and its training on one decoder block of SmolLM2-135M: <c>Dray.Benchmarks rounding [threads]</c>.</summary>
internal static class RoundingReport
{
    private static readonly (int Outputs, int Inputs)[] Shapes = [(576, 576), (192, 576), (192, 576), (576, 576), (1536, 576), (1536, 576), (576, 1536)];

    public static void Run(ReadOnlySpan<string> args)
    {
        var threads = args is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : 1;
        using var team = new ThreadTeam(threads);
        var random = new Random(1);
        var layers = Shapes.Select((shape, i) => new BlockLayer($"layer {i}", shape.Outputs, shape.Inputs, Noise(random, shape.Outputs * shape.Inputs), WeightScheme.W4A16)).ToArray();
        var weights = layers.Sum(layer => layer.Weight.Length);
        var gradients = layers.Select(layer => Noise(random, layer.Weight.Length)).ToArray();
        var quantizers = layers.Select(layer => new FakeQuantizer(layer, team)).ToArray();
        Console.WriteLine($"# Rounding: {CpuBackend.Processor}, {threads} thread{(threads == 1 ? "" : "s")}, {weights} weights");
        var importance = layers.Select(layer => Noise(random, layer.Inputs).Select(MathF.Abs).ToArray()).ToArray();
        Measure("round to nearest", () =>
        {
            foreach (var layer in layers) RoundToNearest.Quantize(layer, team);
        });
        Measure("scale search, float32", () =>
        {
            for (var i = 0; i < layers.Length; i++) ScaleSearch.Quantize(layers[i], importance[i], team);
        });
        Measure("scale search, bfloat16", () =>
        {
            for (var i = 0; i < layers.Length; i++) ScaleSearch.Quantize(layers[i] with { WeightType = DataType.BFloat16 }, importance[i], team);
        });
        Measure("fake quantizer, forward", () =>
        {
            foreach (var quantizer in quantizers) quantizer.Forward();
        });
        Measure("fake quantizer, step and forward", () =>
        {
            for (var i = 0; i < layers.Length; i++) quantizers[i].Step(gradients[i], 0.01f, 0.01f);
        });
        Measure("fake quantizer, keep the best", () =>
        {
            foreach (var quantizer in quantizers) quantizer.Keep();
        });

        // Half a second of warming up leaves the JIT time to optimise.
        void Measure(string name, Action action)
        {
            var whole = Stopwatch.StartNew();
            while (whole.ElapsedMilliseconds < 500) action();
            var times = new List<double>();
            while (times.Count < 5 || whole.ElapsedMilliseconds < 1500)
            {
                var start = Now();
                action();
                times.Add((Now() - start) / weights * 1e9);
            }

            times.Sort();
            Console.WriteLine($"{name}: {times[times.Count / 10]:F2} ns per weight (median {times[times.Count / 2]:F2})");
        }

        double Now() => threads == 1 ? ThreadClock.Seconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
    }

    private static float[] Noise(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = (float)(random.NextDouble() - 0.5) * 0.1f;
        return values;
    }
}
