using Dray.Inference.Compute.Cpu;
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
    public async Task Run_PortablePath_IsTheOneThatComputes()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--device", "cpu", "--cpu-path", "portable", "--output", folder["out"], "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain("dray-demo on cpu-portable");
    }

    [Fact]
    public async Task Run_ByteActivationsOnAPathInFloat32_IsRefused()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--device", "cpu", "--cpu-path", "portable", "--activations", "int8", "--output", folder["out"]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("dray: The activations are int8, but the CPU path portable multiplies in float32; ");
    }

    [Fact]
    public async Task Run_PathThatTheProcessorLacks_IsRefusedWithReasonAndRemedy()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        if (backend.InstructionSet == CpuInstructionSet.Amx) Assert.Skip("skipped: this processor has every path");
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Jobs, "--device", "cpu", "--cpu-path", "amx", "--output", folder["out"]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("dray: The CPU path is amx, but that can't be used here. This processor ");
        run.Error.ShouldContain("Leave it out, or choose portable");
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
