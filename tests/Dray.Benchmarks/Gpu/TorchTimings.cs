using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Dray.Benchmarks.Gpu;

/// <summary>What torch (cuBLAS) takes for bf16 products of the same shapes, where python with torch and a CUDA device is there.</summary>
/// <param name="Version">Torch's version, or null without torch.</param>
/// <param name="Seconds">Time of one product by matrix and rows.</param>
/// <param name="Peak">Operations per second at 8192 x 8192 x 8192; 0 without torch.</param>
internal sealed record TorchTimings(string? Version, IReadOnlyDictionary<(string Matrix, int Rows), double> Seconds, double Peak)
{
    private const string Script = "torch_matmul.py";
    private const double PeakFlops = 2.0 * 8192 * 8192 * 8192;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Gets the result where there is no torch.</summary>
    public static TorchTimings None { get; } = new(null, new Dictionary<(string, int), double>(), 0);

    /// <summary>Runs the measurement in python.</summary>
    public static TorchTimings Measure(IEnumerable<(string Name, int Outputs, int Inputs)> matrices, int[] rows)
    {
        string[] arguments = [
            Path.Combine(AppContext.BaseDirectory, "Gpu", Script),
            .. matrices.Select(matrix => string.Create(CultureInfo.InvariantCulture, $"{matrix.Name}:{matrix.Outputs}:{matrix.Inputs}")),
            "--rows", string.Join(',', rows)];
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = python.StandardError.ReadToEndAsync();
            var output = python.StandardOutput.ReadToEndAsync();
            if (!python.WaitForExit(Patience)) python.Kill(entireProcessTree: true);
            errors.GetAwaiter().GetResult();
            return Parse(output.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            return None;
        }
    }

    /// <summary>Reads the script's lines; what it printed before it failed counts.</summary>
    public static TorchTimings Parse(string output)
    {
        var result = None;
        var seconds = new Dictionary<(string, int), double>();
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("torch", out var version))
            {
                result = result with { Version = version.GetString(), Seconds = seconds };
                continue;
            }

            var (matrix, time) = (json.RootElement.GetProperty("matrix").GetString()!, json.RootElement.GetProperty("seconds").GetDouble());
            if (matrix == "peak") result = result with { Peak = PeakFlops / time };
            else seconds[(matrix, json.RootElement.GetProperty("rows").GetInt32())] = time;
        }

        return result;
    }
}
