using System.Diagnostics;
using System.Globalization;
using Dray.Benchmarks.Compute;
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
        Measure("round to nearest", 5, () =>
        {
            foreach (var layer in layers) RoundToNearest.Quantize(layer, team);
        });
        Measure("fake quantizer, forward", 30, () =>
        {
            foreach (var quantizer in quantizers) quantizer.Forward();
        });
        Measure("fake quantizer, step and forward", 30, () =>
        {
            for (var i = 0; i < layers.Length; i++) quantizers[i].Step(gradients[i], 0.01f, 0.01f);
        });
        Measure("fake quantizer, keep the best", 30, () =>
        {
            foreach (var quantizer in quantizers) quantizer.Keep();
        });

        void Measure(string name, int repeats, Action action)
        {
            for (var i = 0; i < 3; i++) action();
            var times = new double[repeats];
            for (var i = 0; i < repeats; i++)
            {
                var start = Now();
                action();
                times[i] = Now() - start;
            }

            Console.WriteLine($"{name}: {times.Order().ElementAt(repeats / 10) / weights * 1e9:F2} ns per weight (median {times.Order().ElementAt(repeats / 2) / weights * 1e9:F2})");
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
