namespace Dray.Cli.Tests.Commands;

/// <summary>The demo model in 16 bits, tuned on the sample calibration data, and what its answers lose.</summary>
public sealed class QuantizeDemoTests(ITestOutputHelper output)
{
    private static readonly string[] Calibration = ["code.jsonl", "tools-sharegpt.json", "tools-xlam.jsonl", "prose.txt", "domain.md"];

    [Fact]
    public async Task Quantize_DemoModelTuned_AnswersWithinOnePointOfTheOriginal()
    {
        var original = SharedFolder.Require("models", "dray-demo");
        using var folder = new TemporaryFolder();
        var calibration = string.Join(',', Calibration.Select(file => $"\"{Path.Combine(SharedFolder.Repository, "samples", "calibration", file)}\":repeat=3:concat"));

        var quantized = await CommandRun.Of(
            "quantize", original, "--output", folder["model"], "--iters", "12", "--nsamples", "16", "--seqlen", "128", "--dataset", calibration);

        quantized.ExitCode.ShouldBe(0, quantized.Error);
        var before = await HeldOutJobs.ScoreAsync(folder["before"], "--model", original);
        var after = await HeldOutJobs.ScoreAsync(folder["after"], "--model", folder["model"]);
        output.WriteLine($"{before.Right} of {before.Of} fields are right in 16 bits, {after.Right} in 4");
        (100.0 * after.Right / after.Of).ShouldBeGreaterThanOrEqualTo((100.0 * before.Right / before.Of) - 1);
    }
}
