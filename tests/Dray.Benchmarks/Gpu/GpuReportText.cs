using System.Globalization;
using System.Text;

namespace Dray.Benchmarks.Gpu;

/// <summary>The report's Markdown: figures beside what the device can do at most, and the goals.</summary>
internal sealed class GpuReportText(MeasuredDevice device, string backend, DevicePeaks peaks, TorchTimings torch, bool isSmoke)
{
    // What the model card says of an RTX 5090 at 32 requests at once.
    private const double CardRate = 2604;
    private const double DecodeGoal = 0.85;
    private const double BatchGoal = 0.70;
    private const double PrefillGoal = 0.50;
    private const double SpeedupGoal = 3;
    private const int FewRows = 32;

    private readonly StringBuilder _body = new();
    private readonly List<string> _goals = [];

    /// <summary>Gets operations per second of bf16 products: cuBLAS's if there is torch, else those of <c>mma.sync</c> without memory.</summary>
    private double Peak => torch.Peak > 0 ? torch.Peak : peaks.TensorCoreRate;

    /// <summary>Adds the matrix products.</summary>
    public void Products(IReadOnlyList<MatMulTiming> quantized, IReadOnlyList<MatMulTiming> dense)
    {
        Line("## Matrix products, W4 in groups of 128");
        Line();
        Table(quantized);
        Line();
        Line("## Matrix products, bf16");
        Line();
        Table(dense);
        Line();
        var few = quantized.Where(timing => timing.Rows <= FewRows).ToList();
        var own = dense.ToDictionary(timing => (timing.Matrix, timing.Rows), timing => timing.Seconds);
        Speedup("torch's bf16", few, torch.Seconds);
        Speedup("our bf16", few, own);
    }

    /// <summary>Adds the decoders.</summary>
    /// <param name="timings">Shallow ones, and what follows from them.</param>
    /// <param name="whole">All layers, or why not.</param>
    public void Decoder(IReadOnlyList<DecoderTiming> timings, (DecoderTiming? Timing, string? Reason) whole)
    {
        Line("## Decoder of the 24B's shape, random weights, fp8 KV cache");
        Line();
        Line("| layers | pass | ms | tokens/s | GB/s of weights and KV | of bandwidth | TFLOP/s | of bf16 peak |");
        Line("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var timing in whole.Timing is null ? timings : timings.Append(whole.Timing))
        {
            var layers = timing.IsExtrapolated ? $"{timing.Layers}, extrapolated" : $"{timing.Layers}";
            foreach (var step in timing.Steps) Pass(layers, $"decode, {step.Sequences} sequence{(step.Sequences == 1 ? "" : "s")}", step);
            Pass(layers, $"prefill, {timing.Prefill.Sequences} x {timing.Prefill.Tokens / timing.Prefill.Sequences} tokens", timing.Prefill);
        }

        Line();
        if (whole.Reason is { } reason) Line($"All layers were not run: {reason}.");
        Judge(whole.Timing ?? timings[^1]);
    }

    /// <summary>The whole report.</summary>
    public string Finish(TimeSpan elapsed)
    {
        var head = new StringBuilder();
        void Add(FormattableString line) => head.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Add($"# {device.Name}");
        Add($"");
        if (isSmoke) Add($"**A trial run with tiny shapes: the figures mean nothing.**");
        Add($"Backend {backend}; .NET {Environment.Version}; {device.MemoryBytes / 1e9:F0} GB of memory; the whole run took {elapsed.TotalSeconds:F0} s.");
        Add($"");
        Add($"| measured | |");
        Add($"| --- | --- |");
        Add($"| copy within device memory, read and written | {peaks.CopyRate / 1e9:F0} GB/s |");
        Add($"| reads | {peaks.ReadRate / 1e9:F0} GB/s |");
        Add($"| mma.sync with bf16 operands, no memory | {Rate(peaks.TensorCoreRate)} |");
        Add($"| torch{(torch.Version is null ? "" : $" {torch.Version}")} (cuBLAS), bf16, 8192 x 8192 x 8192 | {(torch.Version is null ? "no python with torch here" : Rate(torch.Peak))} |");
        Add($"");
        Add($"Bandwidth below is the better of copies and reads, {peaks.Bandwidth / 1e9:F0} GB/s; the bf16 peak is {(torch.Peak > 0 ? "torch's" : "that of mma.sync")}, {Rate(Peak)}.");
        Add($"Roofline: the longer of reading weights and x and writing y once, and the products at the peak. Weights take turns, so that no cache holds them.");
        Add($"");
        Add($"## Goals");
        Add($"");
        Add($"| goal | | reached |");
        Add($"| --- | --- | --- |");
        foreach (var goal in _goals) Add($"{goal}");
        Add($"");
        return head.Append(_body).ToString();
    }

    private static string Rate(double rate) => rate > 0 ? string.Create(CultureInfo.InvariantCulture, $"{rate / 1e12:F1} TFLOP/s") : "none";

    private static string Share(double part, double whole) => whole > 0 ? string.Create(CultureInfo.InvariantCulture, $"{100 * part / whole:F0} %") : "–";

    private void Table(IReadOnlyList<MatMulTiming> timings)
    {
        Line("| matrix (N x K) | M | µs | weights, GB/s | TFLOP/s | of roofline | torch bf16, µs | against torch |");
        Line("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var t in timings)
        {
            var other = torch.Seconds.GetValueOrDefault((t.Matrix, t.Rows));
            Line($"| {t.Matrix} ({t.Outputs} x {t.Inputs}) | {t.Rows} | {t.Seconds * 1e6:F1} | {t.WeightBytes / t.Seconds / 1e9:F0} | {t.Flops / t.Seconds / 1e12:F2} | {Share(t.Roofline(peaks.Bandwidth, Peak), t.Seconds)} | {(other > 0 ? string.Create(CultureInfo.InvariantCulture, $"{other * 1e6:F1} | {other / t.Seconds:F2} x") : "– | –")} |");
        }
    }

    private void Pass(string layers, string name, PassTiming pass) => Line(
        $"| {layers} | {name} | {pass.Seconds * 1e3:F3} | {pass.Rate:F0} | {pass.Bytes / pass.Seconds / 1e9:F0} | {Share(pass.Bytes / peaks.Bandwidth, pass.Seconds)} | {pass.Flops / pass.Seconds / 1e12:F1} | {Share(pass.Flops, Peak * pass.Seconds)} |");

    private void Speedup(string what, List<MatMulTiming> few, IReadOnlyDictionary<(string Matrix, int Rows), double> others)
    {
        double[] ratios = [.. few.Where(timing => others.ContainsKey((timing.Matrix, timing.Rows))).Select(timing => others[(timing.Matrix, timing.Rows)] / timing.Seconds)];
        if (ratios.Length == 0) return;
        Goal($"W4 product at M <= {FewRows} against {what} of the same shape, slowest of {ratios.Length}", $"{SpeedupGoal:F0} x", $"{ratios.Min():F2} x", ratios.Min() >= SpeedupGoal);
    }

    private void Judge(DecoderTiming timing)
    {
        var (one, many) = (timing.Steps[0], timing.Steps[^1]);
        double Roofline(PassTiming pass) => Math.Max(pass.Bytes / peaks.Bandwidth, Peak > 0 ? pass.Flops / Peak : 0) / pass.Seconds;
        var of = $"{timing.Layers} layers{(timing.IsExtrapolated ? ", extrapolated" : "")}";
        Goal($"decode, 1 sequence, of bandwidth ({of}; {one.Rate:F0} tokens/s)", $"{100 * DecodeGoal:F0} %", Share(one.Bytes / peaks.Bandwidth, one.Seconds), one.Bytes / peaks.Bandwidth / one.Seconds >= DecodeGoal);
        Goal($"decode, {many.Sequences} sequences, of the roofline ({of})", $"{100 * BatchGoal:F0} %", $"{100 * Roofline(many):F0} %", Roofline(many) >= BatchGoal);
        Goal($"decode, {many.Sequences} sequences, tokens/s (the model card's figure, on an RTX 5090)", $"{CardRate:F0}", $"{many.Rate:F0}", many.Rate > CardRate);
        Goal($"prefill, {timing.Prefill.Tokens} tokens, of the bf16 peak ({of}; {timing.Prefill.Rate:F0} tokens/s)", $"{100 * PrefillGoal:F0} %", Share(timing.Prefill.Flops, Peak * timing.Prefill.Seconds), timing.Prefill.Flops >= PrefillGoal * Peak * timing.Prefill.Seconds && Peak > 0);
    }

    private void Goal(FormattableString what, FormattableString goal, FormattableString reached, bool isReached) =>
        Goal(what, goal, reached.ToString(CultureInfo.InvariantCulture), isReached);

    private void Goal(FormattableString what, FormattableString goal, string reached, bool isReached) => _goals.Add(string.Create(
        CultureInfo.InvariantCulture, $"| {what.ToString(CultureInfo.InvariantCulture)} | {goal.ToString(CultureInfo.InvariantCulture)} | {reached}{(isReached ? "" : " (missed)")} |"));

    private void Line(FormattableString line) => _body.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private void Line(string line = "") => _body.Append(line).Append('\n');
}
