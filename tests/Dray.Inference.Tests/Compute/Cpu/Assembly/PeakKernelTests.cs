using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu.Assembly;

public sealed unsafe class PeakKernelTests
{
    /// <summary>Gets every path.</summary>
    public static TheoryData<CpuInstructionSet> Paths => [.. Enum.GetValues<CpuInstructionSet>()];

    [Theory]
    [MemberData(nameof(Paths))]
    public void MeasurePeak_EveryPath_NamesItsInstruction(CpuInstructionSet path)
    {
        using var backend = CpuBackends.Create(path, threads: 1);
        var (quantized, dense) = (backend.MeasurePeak(), backend.MeasurePeak(isQuantized: false));
        (quantized.Instruction, dense.Instruction).ShouldBe(path switch
        {
            CpuInstructionSet.Amx => ("tdpbssd", "tdpbf16ps"),
            CpuInstructionSet.Avx512Bf16 => ("vpdpbusd", "vdpbf16ps"),
            CpuInstructionSet.Avx512Vnni => ("vpdpbusd", "float32 multiply-add"),
            _ => ("float32 multiply-add", "float32 multiply-add"),
        });
        quantized.Gflops.ShouldBePositive();
        dense.Gflops.ShouldBePositive();
        TestContext.Current.TestOutputHelper?.WriteLine($"{quantized}; {dense}");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void Assemble_EveryInstruction_RunsToItsEnd(int instruction, bool isTiles)
    {
        using var code = new InterpretedCode([PeakKernel.Assemble((MatrixInstruction)instruction)]);
        using var scratch = new NativeBlock(MatrixTiles.ScratchBytes);
        var arguments = new AssembledTileArguments { Segments = 3, Scratch = (byte*)scratch.Pointer };
        code.Call(0, &arguments);
        code.TileCalls.ShouldBe(isTiles ? 1 : 0);
    }
}
