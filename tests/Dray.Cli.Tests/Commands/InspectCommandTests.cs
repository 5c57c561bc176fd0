using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

public sealed class InspectCommandTests
{
    private static readonly string Demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

    [Fact]
    public async Task Inspect_DemoModel_PrintsItsShapeAndMemory()
    {
        var run = await CommandRun.Of("inspect", Demo, "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var report = JsonElement.Parse(run.Output);
        report.GetProperty("architecture").GetString().ShouldBe("Mistral3ForConditionalGeneration");
        report.GetProperty("parameters").GetInt64().ShouldBe(19_804_032);
        report.GetProperty("text").GetProperty("layers").GetInt32().ShouldBe(8);
        report.GetProperty("quantization").GetProperty("scheme").GetString().ShouldBe("W4A16");
    }

    [Fact]
    public async Task Inspect_WithoutJson_SaysTheSameInWords()
    {
        var run = await CommandRun.Of("inspect", Demo);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("19.8 M parameters");
        run.Output.ShouldContain("W4A16");
    }
}
