using System.Diagnostics;
using System.Globalization;
using Dray.Inference.Compute;
using Dray.Tests;
using Dray.Tests.Checkpoints;

namespace Dray.Benchmarks.Gpu;

/// <summary>Measures a device at the 24B's shapes, beside what it can do at most and the goals, and writes a Markdown report.</summary>
internal sealed class GpuReport
{
    // Where a clone has it; elsewhere the report goes to the current folder.
    private const string Results = "tests/Dray.Benchmarks/Results";
    private const long ReservedBytes = 4L << 30;

    private readonly GpuReportOptions _options;
    private readonly MeasuredDevice _device;
    private readonly SyntheticShape _shape;
    private readonly TextWriter _progress;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private GpuReport(GpuReportOptions options, TextWriter progress)
    {
        _progress = progress;
        _options = options;
        _device = MeasuredDevice.Find(options.Device);
        _shape = options.IsSmoke
            ? new SyntheticShape { Hidden = 64, Heads = 4, KvHeads = 2, HeadDim = 16, Intermediate = 128, Vocabulary = 96, Layers = 3, ContextLength = 256, GroupSize = 32 }
            : SyntheticShape.Mistral24B;
    }

    private int[] Rows => _options.IsSmoke ? [1, 9] : [1, 8, 16, 32, 64, 512, 8192];

    private int[] Concurrency => _options.IsSmoke ? [1, 2] : [1, 32];

    private int Context => _options.IsSmoke ? 8 : 1024;

    private int BatchTokens => _options.IsSmoke ? 16 : 8192;

    // Two decoders, between which a layer's cost is.
    private (int Fewer, int More) Depths => _options.IsSmoke ? (1, 2) : (2, 4);

    private (string Name, int Outputs, int Inputs)[] Matrices =>
    [
        ("qkv", (_shape.Heads + (2 * _shape.KvHeads)) * _shape.HeadDim, _shape.Hidden),
        ("o", _shape.Hidden, _shape.Heads * _shape.HeadDim),
        ("gate-up", 2 * _shape.Intermediate, _shape.Hidden),
        ("down", _shape.Hidden, _shape.Intermediate),
    ];

    /// <summary>Runs the verb and returns the file it wrote.</summary>
    /// <param name="args">The verb's arguments.</param>
    /// <param name="progress">Told what is measured next.</param>
    public static string Run(ReadOnlySpan<string> args, TextWriter progress)
    {
        var options = GpuReportOptions.Parse(args);
        var report = new GpuReport(options, progress);
        var text = report.Measure();
        var output = options.Output ?? Path.Combine(Directory.Exists(Results) ? Results : ".", $"gpu-{FileName(report._device.Name)}.md");
        if (Path.GetDirectoryName(Path.GetFullPath(output)) is { } folder) Directory.CreateDirectory(folder);
        File.WriteAllText(output, text);
        return output;
    }

    private static string FileName(string device) =>
        string.Join('-', device.ToLower(CultureInfo.InvariantCulture).Split([' ', '/', '(', ')', '\''], StringSplitOptions.RemoveEmptyEntries));

    private string Measure()
    {
        Say("bandwidth and tensor cores");
        var peaks = DevicePeaks.Measure(_device, _options.IsSmoke);
        Say("torch");
        var torch = _options.IsSmoke || !_options.Device.StartsWith("cuda", StringComparison.Ordinal) ? TorchTimings.None : TorchTimings.Measure(Matrices, Rows);
        using var backend = _device.OpenBackend();
        using var clock = new DeviceClock(backend, _options.IsSmoke);
        var text = new GpuReportText(_device, backend.Name, peaks, torch, _options.IsSmoke);
        var quantized = new List<MatMulTiming>();
        foreach (var (name, outputs, inputs) in Matrices)
        {
            Say($"W4 {name}");
            quantized.AddRange(MatMulTiming.MeasureQuantized(backend, clock, name, outputs, inputs, Rows, _options.IsSmoke));
        }

        Say("bf16");
        var dense = MatMulTiming.MeasureDense(backend, clock, "lm_head", _shape.Vocabulary, _shape.Hidden, [.. Rows.Where(rows => rows <= 64)], _options.IsSmoke)
            .Concat(MatMulTiming.MeasureDense(backend, clock, "qkv", Matrices[0].Outputs, Matrices[0].Inputs, Rows, _options.IsSmoke)).ToList();
        text.Products(quantized, dense);
        text.Decoder(MeasureDecoders(backend, clock), MeasureWhole(backend, clock));
        return text.Finish(_clock.Elapsed);
    }

    /// <summary>Two shallow decoders and what follows from them for all layers.</summary>
    private List<DecoderTiming> MeasureDecoders(IComputeBackend backend, DeviceClock clock)
    {
        using var folder = new TemporaryFolder();
        var (fewer, more) = Depths;
        Say($"writing {more} layers");
        SyntheticCheckpoint.Write(folder["more"], _shape with { Layers = more });
        SyntheticDecoder.WriteShallower(folder["fewer"], folder["more"], fewer);
        var timings = new[] { folder["fewer"], folder["more"] }.Select(path => MeasureDecoder(backend, clock, path)).ToList();
        timings.Add(DecoderTiming.Extrapolate(timings[0], timings[1], _shape.Layers));
        return timings;
    }

    /// <summary>All layers, or why not.</summary>
    private (DecoderTiming? Timing, string? Reason) MeasureWhole(IComputeBackend backend, DeviceClock clock)
    {
        var bytes = (_shape.Layers * _shape.Matrices().Sum(matrix => (long)matrix.Outputs * matrix.Inputs) * 33 / 64) + (4L * _shape.Vocabulary * _shape.Hidden);
        if (_device.MemoryBytes < bytes + ReservedBytes) return (null, $"the device has {_device.MemoryBytes >> 30} GiB; {(bytes + ReservedBytes) >> 30} are needed");
        using var folder = new TemporaryFolder();
        var free = new DriveInfo(folder.Path).AvailableFreeSpace;
        if (free < bytes * 5 / 4) return (null, $"{Path.GetTempPath()} has {free >> 30} GiB free; {(bytes * 5 / 4) >> 30} are needed");

        // The shallow ones took most of the time until now, and this one takes a few times as long.
        if (_clock.Elapsed > _options.Budget / 2) return (null, $"{_clock.Elapsed.TotalMinutes:F0} minutes were spent already; raise --minutes");
        Say($"writing {_shape.Layers} layers");
        SyntheticCheckpoint.Write(folder["whole"], _shape);
        return (MeasureDecoder(backend, clock, folder["whole"]), null);
    }

    private DecoderTiming MeasureDecoder(IComputeBackend backend, DeviceClock clock, string folder)
    {
        Say($"decoder {Path.GetFileName(folder)}");
        using var decoder = SyntheticDecoder.Load(backend, folder, Math.Max(Concurrency.Max(), BatchTokens / Context), Context);
        return decoder.Measure(clock, Concurrency, Context, BatchTokens);
    }

    private void Say(string what) => _progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,4:F0} s  {what}"));
}
