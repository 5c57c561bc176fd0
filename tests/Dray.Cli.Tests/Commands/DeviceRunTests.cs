using Dray.Inference.Ilgpu;

namespace Dray.Cli.Tests.Commands;

public sealed class DeviceRunTests
{
    private static readonly string Samples = Path.Combine(SharedFolder.Repository, "samples");
    private static readonly string Jobs = Path.Combine(Samples, "jobs", "demo.jsonl");

    [Fact]
    public async Task Run_OnOpenCl_GivesTheAnswersOfTheCpu()
    {
        RequiredServices.Demand(IlgpuDevices.List().Any(device => device is { Kind: "opencl", Problem: null }), "opencl device");
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--device", "opencl", "--output", folder["out"], "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain("dray-demo on opencl-");
        Answers.Differences(folder["out", "output.jsonl"], Path.Combine(Samples, "jobs", "demo-reference.jsonl")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_DeviceThatIsNotThere_NamesItAndTheRemedy()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--device", "cuda:77", "--output", folder["out"]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("The device is cuda:77, but this machine has ");
    }
}
