using System.Diagnostics;
using System.Globalization;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tuning;

namespace Dray.Benchmarks.Quantization;

/// <summary>
/// Times an iteration of tuning, part by part, on a decoder block of SmolLM2-135M's shape with eight samples of 256 tokens:
/// <c>Dray.Benchmarks tuning [threads]</c>.
/// </summary>
internal static class TuningReport
{
    private const int Samples = 8;
    private const int Tokens = 256;
    private const int Repeats = 21;

    private static readonly TextConfig Config = new()
    {
        Layers = 30, HiddenSize = 576, Heads = 9, KvHeads = 3, HeadDim = 64, IntermediateSize = 1536, VocabSize = 49173, RopeTheta = 1e5, RmsNormEpsilon = 1e-5f,
        ContextLength = 8192, TiedEmbeddings = true,
    };

    public static void Run(ReadOnlySpan<string> args)
    {
        int? threads = args is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : null;
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads });
        using var kernels = new TrainingKernels();
        using var pass = new BlockPass(backend, Config, Tokens, Samples, () => new GroupProducts(backend, kernels));
        using var gradients = new BlockGradients(backend, Config);
        var random = new Random(1);
        var block = Block(random);
        pass.LoadNorms(block);
        var quantizers = block.Layers.Select(layer => new FakeQuantizer(layer, backend.Team)).ToArray();
        var sources = block.Layers.Select((layer, i) => BlockTuner.SourceOf(layer, quantizers[i].Quantized)).ToArray();
        using var x = backend.Allocate(Samples * Tokens, Config.HiddenSize);
        using var y = backend.Allocate(Samples * Tokens, Config.HiddenSize);
        using var dy = backend.Allocate(Samples * Tokens, Config.HiddenSize);
        var noise = Noise(random, Samples * Tokens * Config.HiddenSize);
        backend.Upload(noise, x.View);

        Console.WriteLine($"# An iteration of tuning: {CpuBackend.Processor}, {backend.Threads} thread{(backend.Threads == 1 ? "" : "s")}, {backend.Name}");
        Console.WriteLine();
        Console.WriteLine("| part | wall, ms | CPU, ms |");
        Console.WriteLine("| --- | --- | --- |");
        Measure("pack the codes", () => pass.LoadLayers(sources));
        Measure("forward", () => pass.Forward(x.View, y.View, isDraft: true));
        Measure("forward and backward", () =>
        {
            pass.Forward(x.View, y.View, isDraft: true);
            backend.Upload(noise, dy.View);
            pass.Backward(dy.View, gradients, accumulate: false);
        });
        Measure("step and round", () =>
        {
            for (var i = 0; i < quantizers.Length; i++) quantizers[i].Step(HostTensorBuffer.Span(gradients.Of(i)), 1e-4f, 1e-4f);
        });
    }

    private static void Measure(string part, Action action)
    {
        for (var i = 0; i < 5; i++) action();
        var (wall, processor) = (new List<double>(), new List<double>());
        for (var i = 0; i < Repeats; i++)
        {
            var (start, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            action();
            wall.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            processor.Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
        }

        wall.Sort();
        processor.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {part} | {wall[Repeats / 2]:F1} | {processor[Repeats / 2]:F1} |"));
    }

    private static DecoderBlock Block(Random random)
    {
        var (hidden, attention, keys, wide) = (Config.HiddenSize, Config.Heads * Config.HeadDim, Config.KvHeads * Config.HeadDim, Config.IntermediateSize);
        (string Name, int Outputs, int Inputs)[] shapes =
        [
            ("q", attention, hidden), ("k", keys, hidden), ("v", keys, hidden), ("o", hidden, attention), ("gate", wide, hidden), ("up", wide, hidden), ("down", hidden, wide),
        ];
        var gains = Enumerable.Repeat(1f, hidden).ToArray();
        var layers = shapes.Select(shape => new BlockLayer(shape.Name, shape.Outputs, shape.Inputs, Noise(random, shape.Outputs * shape.Inputs), new WeightScheme(4, 64, true)));
        return new DecoderBlock(0, [.. layers], gains, gains);
    }

    private static float[] Noise(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++) values[i] = (random.NextSingle() - 0.5f) * 0.1f;
        return values;
    }
}
