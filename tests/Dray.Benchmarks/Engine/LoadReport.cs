using System.Diagnostics;
using System.Globalization;
using Dray.Inference;
using Dray.Inference.Compute.Cpu;

namespace Dray.Benchmarks.Engine;

/// <summary>Times a checkpoint's way to an engine that is ready, beside a plain read of the same files by as many threads.</summary>
internal static class LoadReport
{
    private const int PieceBytes = 1 << 20;

    public static async Task RunAsync(string model, int starts, string? cache)
    {
        var files = Directory.GetFiles(model, "*.safetensors");
        var bytes = files.Sum(file => new FileInfo(file).Length);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F3} GB in {files.Length} files"));
        for (var i = 0; i < starts; i++)
        {
            Print("plain read of the files", bytes, Time(() => Read(files)));
            var clock = Stopwatch.StartNew();
            var engine = InferenceEngine.Load(model, new CpuBackend(new CpuBackendOptions { WeightCache = cache }), new EngineOptions());
            Print("engine ready", bytes, clock.Elapsed);
            await engine.DisposeAsync();
        }
    }

    private static TimeSpan Time(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed;
    }

    private static void Read(string[] files)
    {
        foreach (var path in files)
        {
            using var file = File.OpenHandle(path);
            var pieces = (int)((RandomAccess.GetLength(file) + PieceBytes - 1) / PieceBytes);
            Parallel.For(0, pieces, () => new byte[PieceBytes], (piece, _, buffer) =>
            {
                RandomAccess.Read(file, buffer, (long)piece * PieceBytes);
                return buffer;
            }, _ => { });
        }
    }

    private static void Print(string what, long bytes, TimeSpan elapsed) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what,-24} {elapsed.TotalSeconds,7:F3} s  {bytes / 1e9 / elapsed.TotalSeconds,6:F2} GB/s"));
}
