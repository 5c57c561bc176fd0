using System.Diagnostics;
using System.Globalization;
using System.Text;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Benchmarks.Compute;

/// <summary>
/// Times the CPU backend's attention and elementwise operations at the shapes of real models and writes a Markdown report, with what the
/// machine can do at most measured in the same run; <c>dray bench kernels</c> does so for matrix products.
/// <c>Dray.Benchmarks attention [avx512|avx2|portable] [threads] [part of a name]</c>.
/// </summary>
internal sealed class AttentionReport(CpuBackend backend, string filter)
{
    private readonly StringBuilder _text = new();

    public static void Run(ReadOnlySpan<string> args)
    {
        var options = new CpuBackendOptions
        {
            InstructionSet = args.Length > 0 ? Enum.Parse<CpuInstructionSet>(args[0], ignoreCase: true) : null,
            Threads = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : null,
        };
        using var backend = new CpuBackend(options);
        Console.Write(new AttentionReport(backend, args.Length > 2 ? args[2] : "").Create());
    }

    public string Create()
    {
        var limits = backend.MeasureLimits();
        var (peak, reads) = (limits.PeakRate, limits.ReadBandwidth);
        Line($"# CPU attention: {CpuBackend.Processor}, {backend.Threads} thread{(backend.Threads == 1 ? "" : "s")}, {backend.Name}");
        Line();
        Line($"Peak of {limits.Instruction} {peak:F0} GFLOP/s, of plain reads {reads:F0} GB/s, measured in the same run; .NET {Environment.Version}.");
        Line($"Times are 10th percentiles of {(backend.Threads == 1 && ThreadClock.IsProcessorTime ? "the thread's processor time" : "wall time")}. KV caches rotate through several layers, so that processor caches hold what they would in a model; more than 100 % of reads means that a cache holds them.");
        Line();
        Line("| paged attention | KV | µs | GFLOP/s | of peak | KV, GB/s | of reads |");
        Line("| --- | --- | --- | --- | --- | --- | --- |");
        Paged("smollm2-135m prefill, 512 tokens, 9 heads of 64, 3 KV heads", 1, 512, 0, 9, 3, 64, peak, reads);
        Paged("smollm2-135m prefill, 2048 tokens", 1, 2048, 0, 9, 3, 64, peak, reads);
        Paged("24B prefill, 512 tokens, 32 heads of 128, 8 KV heads", 1, 512, 0, 32, 8, 128, peak, reads);
        Paged("24B prefill, 2048 tokens", 1, 2048, 0, 32, 8, 128, peak, reads);
        Paged("24B decode, 1 token after 4095", 8, 1, 4095, 32, 8, 128, peak, reads);
        Paged("24B decode, 1 token after 32767", 2, 1, 32767, 32, 8, 128, peak, reads);
        Line();
        Line("| attention within segments | µs | GFLOP/s | of peak |");
        Line("| --- | --- | --- | --- |");
        Segment("vision, 4096 patches, 4 heads of 64", 4096, 4, 64, peak);
        Segment("vision, 4096 patches, 16 heads of 64", 4096, 16, 64, peak);
        Line();
        Line("| other, 512 rows | µs | GB/s read and written |");
        Line("| --- | --- | --- |");
        Others();
        return _text.ToString();
    }

    // Processor time says nothing about work that is spread over threads.
    private static double Now(int threads) => threads == 1 ? ThreadClock.Seconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    private double Seconds(Action<int> action)
    {
        var times = new List<double>();
        var whole = Stopwatch.StartNew();
        for (var i = 0; i < 8 || (whole.ElapsedMilliseconds < 400 && i < 3000); i++)
        {
            var start = Now(backend.Threads);
            action(i);
            if (i >= 3) times.Add(Now(backend.Threads) - start);
        }

        times.Sort();
        return times[times.Count / 10];
    }

    private void Paged(string name, int layers, int tokens, int before, int heads, int kvHeads, int headDim, double peak, double reads)
    {
        if (!name.Contains(filter, StringComparison.Ordinal)) return;
        foreach (var dtype in Enum.GetValues<KvCacheDataType>())
        {
            var blocks = (before + tokens + KvCache.BlockTokens - 1) / KvCache.BlockTokens;
            using var cache = backend.AllocateKvCache(new KvCacheShape(layers, blocks, kvHeads, headDim, dtype));
            using var kv = Filled(before + tokens, kvHeads * headDim);
            var layout = new AttentionLayout();
            layout.Add([.. Enumerable.Range(0, blocks)], 0, before + tokens);
            for (var layer = 0; layer < layers; layer++) backend.WriteKv(cache, layer, kv.View, kv.View, layout);
            layout.Reset();
            layout.Add([.. Enumerable.Range(0, blocks)], before, tokens);
            using var q = Filled(tokens, heads * headDim);
            using var y = backend.Allocate(tokens, heads * headDim);
            var seconds = Seconds(i => backend.PagedAttention(q.View, cache, i % layers, layout, y.View));
            var pairs = (tokens * (double)before) + (tokens * (tokens + 1.0) / 2);
            var rate = 4.0 * pairs * heads * headDim / seconds / 1e9;

            // What a decoding step reads once; in prefill blocks of query rows read it again.
            var bandwidth = (before + tokens) * (double)cache.Shape.BytesPerToken / layers / seconds / 1e9;
            Line($"| {name} | {KvCacheDataTypes.NameOf(dtype)} | {seconds * 1e6:F0} | {rate:F1} | {rate / peak:P0} | {bandwidth:F1} | {bandwidth / reads:P0} |");
        }
    }

    private void Segment(string name, int rows, int heads, int headDim, double peak)
    {
        if (!name.Contains(filter, StringComparison.Ordinal)) return;
        using var q = Filled(rows, heads * headDim);
        using var y = backend.Allocate(rows, heads * headDim);
        var seconds = Seconds(_ => backend.SegmentAttention(q.View, q.View, q.View, headDim, [rows], y.View));
        var rate = 4.0 * rows * rows * heads * headDim / seconds / 1e9;
        Line($"| {name} | {seconds * 1e6:F0} | {rate:F1} | {rate / peak:P0} |");
    }

    private void Others()
    {
        const int rows = 512;
        using var x = Filled(rows, 3072);
        using var y = backend.Allocate(rows, 1536);
        using var gain = Filled(1, 1536);
        using var cos = Filled(rows, 32);
        WriteKv(rows);
        Other("RmsNorm, 1536 columns", rows * 1536 * 8.0, () => backend.RmsNorm(x.View.SliceColumns(0, 1536), gain.View, 1e-5f, y.View));
        Other("Rope, 24 heads of 64", rows * 1536 * 8.0, () => backend.Rope(y.View, 64, cos.View, cos.View));
        Other("SwiGlu, 1536 columns", rows * 1536 * 12.0, () => backend.SwiGlu(x.View, y.View));

        // In place over and over: only values that stay what they are keep the work the same.
        backend.Upload(Enumerable.Repeat(9f, rows * 1536).ToArray(), y.View);
        Other("Gelu, 1536 columns", rows * 1536 * 8.0, () => backend.Gelu(y.View));
    }

    private void WriteKv(int rows)
    {
        const int width = 8 * 128;
        using var kv = Filled(rows, width);
        var layout = new AttentionLayout();
        layout.Add([.. Enumerable.Range(0, rows / KvCache.BlockTokens)], 0, rows);
        foreach (var dtype in Enum.GetValues<KvCacheDataType>())
        {
            using var cache = backend.AllocateKvCache(new KvCacheShape(1, rows / KvCache.BlockTokens, 8, 128, dtype));
            var bytes = (rows * width * 2.0 * sizeof(float)) + (rows * cache.Shape.BytesPerToken);
            Other($"WriteKv, 8 KV heads of 128, {KvCacheDataTypes.NameOf(dtype)}", bytes, () => backend.WriteKv(cache, 0, kv.View, kv.View, layout));
        }
    }

    private void Other(string name, double bytes, Action action)
    {
        if (!name.Contains(filter, StringComparison.Ordinal)) return;
        var seconds = Seconds(_ => action());
        Line($"| {name} | {seconds * 1e6:F0} | {bytes / seconds / 1e9:F1} |");
    }

    private TensorBuffer Filled(int rows, int columns)
    {
        var random = new Random(1);
        var values = new float[rows * columns];
        foreach (ref var value in values.AsSpan()) value = random.NextSingle() - 0.5f;
        var buffer = backend.Allocate(rows, columns);
        backend.Upload(values, buffer.View);
        return buffer;
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private void Line(string line = "") => _text.Append(line).Append('\n');
}
