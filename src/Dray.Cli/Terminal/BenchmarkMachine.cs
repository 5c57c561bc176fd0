using System.Text.Json.Nodes;
using Dray.Inference.Compute.Cpu;

namespace Dray.Cli.Terminal;

/// <summary>What a benchmark of the CPU backend ran on.</summary>
/// <param name="Processor">What the processor calls itself.</param>
/// <param name="Path">The backend and its instruction set, such as <c>cpu-avx512</c>.</param>
/// <param name="Threads">Threads of the backend.</param>
/// <param name="Activations">What activations are made of in products of 4-bit weights.</param>
internal sealed record BenchmarkMachine(string Processor, string Path, int Threads, string Activations)
{
    /// <summary>The keys that every report begins with; rates in GB/s and GFLOP/s.</summary>
    public JsonObject ToJson(MachineLimits limits) => new()
    {
        ["cpu"] = Processor,
        ["path"] = Path,
        ["threads"] = Threads,
        ["activations"] = Activations,
        ["read_gb_s"] = Math.Round(limits.ReadBandwidth, 2),
        ["peak_gflops"] = Math.Round(limits.PeakRate, 1),
        ["peak_instruction"] = limits.Instruction,
    };

    /// <summary>The two lines that every report begins with.</summary>
    public string Describe(MachineLimits limits) => FormattableString.Invariant(
        $"{Processor}, {Threads} thread{(Threads == 1 ? "" : "s")}, {Path}, {Activations} activations\nplain reads {limits.ReadBandwidth:F1} GB/s, peak of {limits.Instruction} {limits.PeakRate:F0} GFLOP/s, measured in the same run");
}
