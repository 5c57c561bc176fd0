using Dray.Benchmarks.Gpu;

namespace Dray.Inference.Ilgpu.Tests.Gpu;

/// <summary>The benchmark of GPUs, run through with tiny shapes where there is none.</summary>
public sealed class GpuReportTests
{
    // Not on ILGPU's emulation, where it takes a minute and a half.
    [Fact]
    public void Run_Smoke_WritesEveryTable()
    {
        TestDevice.Open().Dispose();
        using var folder = new TemporaryFolder();
        var lines = File.ReadAllLines(GpuReport.Run(["--smoke", "--device", TestDevice.Kind, "--output", folder["report.md"]], TextWriter.Null));
        foreach (var matrix in (string[])["qkv (128 x 64)", "o (64 x 64)", "gate-up (256 x 64)", "down (64 x 128)", "lm_head (96 x 64)"])
            lines.ShouldContain(line => line.StartsWith($"| {matrix} | 1 |", StringComparison.Ordinal));
        foreach (var layers in (string[])["1", "2", "3, extrapolated", "3"])
        {
            lines.ShouldContain(line => line.StartsWith($"| {layers} | decode, 2 sequences |", StringComparison.Ordinal));
            lines.ShouldContain(line => line.StartsWith($"| {layers} | prefill, 2 x 8 tokens |", StringComparison.Ordinal));
        }

        lines.ShouldContain(line => line.StartsWith("| decode, 1 sequence, of bandwidth (3 layers;", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.Contains("NaN", StringComparison.Ordinal) || line.Contains('∞'));
    }

    [Fact]
    public void Run_NoSuchDevice_SaysSo() =>
        Should.Throw<ArgumentException>(() => GpuReport.Run(["--device", "opencl:99"], TextWriter.Null)).Message.ShouldBe("There is no device opencl:99 on this machine.");

    [Fact]
    public void Parse_UnknownArgument_ShowsTheUsage() =>
        Should.Throw<ArgumentException>(() => GpuReportOptions.Parse(["--fast"])).Message.ShouldContain(GpuReportOptions.Usage);

    [Fact]
    public void Parse_TorchThatFailsMidway_KeepsWhatItPrinted()
    {
        var torch = TorchTimings.Parse("{\"torch\": \"2.9\", \"device\": \"x\"}\n{\"matrix\": \"peak\", \"rows\": 8192, \"seconds\": 0.002}\n{\"matrix\": \"o\", \"rows\": 8, \"seconds\": 1e-05}\n");
        torch.Version.ShouldBe("2.9");
        torch.Peak.ShouldBe(2.0 * 8192 * 8192 * 8192 / 0.002);
        torch.Seconds[("o", 8)].ShouldBe(1e-5);
    }

    [Fact]
    public void Extrapolate_TwoDepths_AddsTheCostOfALayer()
    {
        PassTiming Pass(double scale) => new(1, 1, scale, 100 * scale, 1000 * scale);
        var whole = DecoderTiming.Extrapolate(new(2, false, [Pass(3)], Pass(5)), new(4, false, [Pass(5)], Pass(9)), 40);
        whole.Steps[0].ShouldBe(Pass(41));
        whole.Prefill.ShouldBe(Pass(81));
        whole.IsExtrapolated.ShouldBeTrue();
    }
}
