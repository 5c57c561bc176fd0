using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuFeaturesTests
{
    private const string NoCode = "The system doesn't let this process execute code that it assembles (error 13).";
    private const string NoAvx512 = "This processor, its operating system or the runtime's settings (DOTNET_EnableAVX512) give no AVX-512";
    private const string NoTiles = "The system doesn't give this process AMX tiles (error 28).";

    private static readonly CpuFeatures Everything = new()
    {
        HasAvx2 = true,
        HasAvx512 = true,
        HasAvx512Bytes = true,
        HasVnni = true,
        HasBrainFloats = true,
        HasTiles = true,
    };

    [Theory]
    [InlineData("AVX2", CpuInstructionSet.Portable, CpuInstructionSet.Avx2, "This processor, or the runtime's settings (DOTNET_EnableAVX2), give no AVX2 with FMA.")]
    [InlineData("AVX-512", CpuInstructionSet.Avx2, CpuInstructionSet.Avx512, NoAvx512 + ".")]
    [InlineData("VBMI", CpuInstructionSet.Avx512, CpuInstructionSet.Avx512Vnni, NoAvx512 + " with BW and VBMI.")]
    [InlineData("VNNI", CpuInstructionSet.Avx512, CpuInstructionSet.Avx512Vnni, "This processor has no AVX512-VNNI.")]
    [InlineData("code", CpuInstructionSet.Avx512, CpuInstructionSet.Amx, NoCode)]
    [InlineData("BF16", CpuInstructionSet.Avx512Vnni, CpuInstructionSet.Amx, "This processor has no AVX512-BF16.")]
    [InlineData("AMX", CpuInstructionSet.Avx512Bf16, CpuInstructionSet.Amx, "This processor has no AMX-INT8 and AMX-BF16.")]
    [InlineData("tiles", CpuInstructionSet.Avx512Bf16, CpuInstructionSet.Amx, NoTiles)]
    public void Lack_PathPastTheBest_IsASentence(string missing, CpuInstructionSet best, CpuInstructionSet past, string lack)
    {
        var machine = missing switch
        {
            "AVX2" => new CpuFeatures(),
            "AVX-512" => Everything with { HasAvx512 = false, HasAvx512Bytes = false },
            "VBMI" => Everything with { HasAvx512Bytes = false },
            "VNNI" => Everything with { HasVnni = false },
            "code" => Everything with { CodeProblem = NoCode },
            "BF16" => Everything with { HasBrainFloats = false },
            "AMX" => Everything with { HasTiles = false },
            _ => Everything with { TileProblem = NoTiles },
        };
        machine.Available[^1].ShouldBe(best);
        machine.Lack(past).ShouldBe(lack);
    }

    [Fact]
    public void Available_Everything_IsEveryPath() => Everything.Available.ShouldBe(Enum.GetValues<CpuInstructionSet>());

    [Fact]
    public void Limitation_SystemForbidsWhatTheProcessorHas_SaysWhatIsUsedInstead()
    {
        Everything.Limitation.ShouldBeNull();
        (Everything with { HasVnni = false, CodeProblem = NoCode }).Limitation.ShouldBeNull();
        (Everything with { HasTiles = false, TileProblem = NoTiles }).Limitation.ShouldBeNull();
        (Everything with { CodeProblem = NoCode }).Limitation.ShouldBe($"{NoCode} The CPU path avx512 is used instead of a faster one.");
        (Everything with { TileProblem = NoTiles }).Limitation.ShouldBe($"{NoTiles} The CPU path avx512-bf16 is used instead of a faster one.");
    }

    [Fact]
    public void Read_ThisProcessor_KeepsWhatTheRuntimeUses()
    {
        if (!CpuFeatures.OfThisProcess.HasAvx512) Assert.Skip("skipped: this processor has no AVX-512");
        (ExtendedState.Read() & ExtendedState.Vectors).ShouldBe(ExtendedState.Vectors);
    }

    [Fact]
    public void RequestTiles_SystemKeepsNone_SaysSo()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("skipped: tiles are asked for on Linux only");
        ExtendedState.RequestTiles(ExtendedState.Vectors).ShouldBe("The operating system doesn't keep AMX tiles; Linux does from version 5.16 on.");
    }

    [Fact]
    public void RequestTiles_ProcessorHasNone_GivesTheSystemsError()
    {
        if (!OperatingSystem.IsLinux() || CpuFeatures.OfThisProcess.HasTiles) Assert.Skip("skipped: this system gives tiles");
        ExtendedState.RequestTiles(ExtendedState.Tiles).ShouldNotBeNull().ShouldStartWith("The system doesn't give this process AMX tiles (error ");
    }

    [Theory]
    [InlineData(CpuInstructionSet.Portable, "portable")]
    [InlineData(CpuInstructionSet.Avx512Vnni, "avx512-vnni")]
    [InlineData(CpuInstructionSet.Amx, "amx")]
    public void TryParse_Name_IsTheInstructionSet(CpuInstructionSet instructionSet, string name)
    {
        CpuInstructionSets.NameOf(instructionSet).ShouldBe(name);
        CpuInstructionSets.TryParse(name, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(instructionSet);
        CpuInstructionSets.TryParse(name.ToUpperInvariant(), out _).ShouldBeFalse();
        CpuInstructionSets.Names.Count.ShouldBe(Enum.GetValues<CpuInstructionSet>().Length);
    }
}
