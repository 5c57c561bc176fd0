using Dray.Cli.Tests.Deploy;

namespace Dray.Extensions.AI.Tests;

/// <summary>The program in samples/extensions-ai, as a reader would run it.</summary>
public sealed class SampleTests(DemoService queue) : IClassFixture<DemoService>
{
    private const string Said = "caption: " + Demo.LetterCaption + "\ntopic: food\ninvoice: 8730\n";

    private static string Program => Path.Combine(
        SharedFolder.Repository, "samples", "extensions-ai", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "extensions-ai.dll");

    [Fact]
    public async Task Sample_InProcess_CaptionsLabelsAndCalls()
    {
        var run = await ProgramRun.OfAsync("dotnet", [Program], TestContext.Current.CancellationToken);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldStartWith(Said);
    }

    [Fact]
    public async Task Sample_OverTheQueue_SaysTheSame()
    {
        var run = await ProgramRun.OfAsync(
            "dotnet", [Program, "--queue"], TestContext.Current.CancellationToken, ("DRAY_BROKER", queue.Broker), ("DRAY_STORE", queue.Store));

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldStartWith(Said);
    }
}
