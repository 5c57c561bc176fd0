using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class MachineLimitsTests
{
    [Fact]
    public void MeasureLimits_EveryInstructionSet_FindsSome()
    {
        foreach (var instructionSet in CpuFeatures.OfThisProcess.Available)
        {
            using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2, InstructionSet = instructionSet });

            var limits = backend.MeasureLimits();

            limits.ReadBandwidth.ShouldBePositive();
            limits.PeakRate.ShouldBePositive();
            limits.Instruction.ShouldNotBeNullOrWhiteSpace();
        }
    }

    [Fact]
    public void Or_TwoMeasurements_TakesTheGreaterOneByOne() =>
        new MachineLimits(20, 300, "a").Or(new MachineLimits(30, 200, "a")).ShouldBe(new MachineLimits(30, 300, "a"));

    [Fact]
    public void Processor_AnyMachine_HasAName() => CpuBackend.Processor.ShouldNotBeNullOrWhiteSpace();
}
