using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu.Assembly;

public sealed class ExecutableCodeTests
{
    private const string Refusal = "The system doesn't let this process execute code that it assembles (error 13).";

    private static readonly byte[] Return = [0xC3];

    [Fact]
    public void Constructor_SystemRefusesExecution_ThrowsItsError() => ForbiddenExecution.Run(
        () => Should.Throw<ExecutableMemoryException>(() => new ExecutableCode([Return])).Message.ShouldBe(Refusal));

    [Fact]
    public void Detect_SystemRefusesExecution_LeavesIntrinsics()
    {
        if (!CpuFeatures.OfThisProcess.HasVnni) Assert.Skip("skipped: this processor has no kernels that are assembled");
        ForbiddenExecution.Run(() =>
        {
            using var backend = new CpuBackend(null, CpuFeatures.Detect());
            backend.InstructionSet.ShouldBe(CpuInstructionSet.Avx512);
            backend.Limitation.ShouldBe($"{Refusal} The CPU path avx512 is used instead of a faster one.");
        });
    }

    [Fact]
    public void Constructor_Routines_AreExecutableAndNotWritable()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("skipped: Linux tells how pages are mapped");
        using var code = new ExecutableCode([Return, Return]);
        foreach (var entry in code.Entries)
        {
            var line = File.ReadLines("/proc/self/maps").Single(line => Contains(line, (ulong)entry));
            line.Split(' ')[1].ShouldStartWith("r-x");
        }
    }

    private static bool Contains(string line, ulong address)
    {
        var range = line.Split(' ')[0].Split('-').Select(text => Convert.ToUInt64(text, 16)).ToArray();
        return range[0] <= address && address < range[1];
    }
}
