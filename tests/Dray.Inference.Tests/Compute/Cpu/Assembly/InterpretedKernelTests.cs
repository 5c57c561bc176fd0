using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Compute.Cpu.Assembly;

/// <summary>
/// Assembled kernels run instruction by instruction: those that this processor has give what it gives, which proves the interpreter; those of
/// AMX give the arithmetic written out, whether or not the processor has it.
/// </summary>
public sealed class InterpretedKernelTests
{
    [Theory]
    [InlineData(CpuInstructionSet.Avx512Vnni, ActivationPrecision.Bits16)]
    [InlineData(CpuInstructionSet.Avx512Vnni, ActivationPrecision.Bits8)]
    [InlineData(CpuInstructionSet.Avx512Bf16, ActivationPrecision.Bits16)]
    [InlineData(CpuInstructionSet.Amx, ActivationPrecision.Bits16)]
    [InlineData(CpuInstructionSet.Amx, ActivationPrecision.Bits8)]
    public void MatMul_InterpretedOrExecuted_GivesTheSameBits(CpuInstructionSet path, ActivationPrecision precision)
    {
        using var executed = CpuBackends.Create(path, threads: 1, precision);
        using var interpreted = Interpreted(path, precision, out _);
        foreach (var rows in (int[])[1, 2, 3, 5, 7, 12, 13, 33, 49])
        {
            foreach (var source in Sources(outputs: 75, inputs: 300)) Multiply(interpreted, rows, source).ShouldBe(Multiply(executed, rows, source), $"{rows} rows of {source.Name}");
        }
    }

    [Theory]
    [InlineData(ActivationPrecision.Bits16)]
    [InlineData(ActivationPrecision.Bits8)]
    public void MatMul_AmxWithQuantizedWeights_IsTheIntegerProductToTheBit(ActivationPrecision precision)
    {
        using var backend = Interpreted(CpuInstructionSet.Amx, precision, out var code);
        foreach (var (rows, outputs, inputs) in ((int, int, int)[])
        [
            (1, 75, 300), (4, 32, 5), (5, 32, 64), (9, 40, 300), (10, 33, 130), (15, 75, 300), (16, 64, 1200), (17, 75, 300), (31, 32, 70), (32, 75, 300), (33, 96, 300),
            (70, 33, 1030), (520, 33, 300),
        ])
        {
            foreach (var source in Sources(outputs, inputs).OfType<QuantizedLinear>())
            {
                var before = code().TileCalls;
                Multiply(backend, rows, source).ShouldBe(
                    ExpectedProduct.OfIntegers(BackendPair.Random(rows, rows * inputs), rows, source, precision), $"{rows} rows of {source.Name}");
                (code().TileCalls > before).ShouldBe(rows >= (precision == ActivationPrecision.Bits16 ? 5 : 10), $"{rows} rows");
            }
        }
    }

    [Fact]
    public void MatMul_AmxWithBrainFloats_IsTheProductInStepsToTheBit()
    {
        using var backend = Interpreted(CpuInstructionSet.Amx, ActivationPrecision.Bits16, out var code);
        foreach (var (rows, outputs, inputs) in ((int, int, int)[])
            [(1, 75, 300), (2, 32, 5), (3, 32, 32), (15, 40, 131), (16, 32, 128), (17, 75, 300), (32, 33, 1030), (33, 96, 300), (70, 32, 64)])
        {
            var source = new InMemoryDense(5, outputs, inputs, DataType.BFloat16);
            Multiply(backend, rows, source).ShouldBe(
                ExpectedProduct.OfMatrixBrainFloats(BackendPair.Random(rows, rows * inputs), rows, source), $"{rows} rows, {outputs} outputs, {inputs} inputs");
        }

        code().TileCalls.ShouldBePositive();
    }

    [Fact]
    public void MatMul_AmxAccumulates_AddsToWhatThereWas()
    {
        using var backend = Interpreted(CpuInstructionSet.Amx, ActivationPrecision.Bits16, out _);
        foreach (var source in Sources(outputs: 40, inputs: 200))
        {
            using var weight = backend.LoadMatrix([source]);
            var x = BackendPair.Upload(backend, BackendPair.Random(1, 20 * 200), 20, 200);
            var y = backend.Allocate(20, 40);
            backend.MatMul(x, weight, y.View);
            var once = BackendPair.Download(backend, y.View);
            backend.MatMul(x, weight, y.View, accumulate: true);
            var twice = BackendPair.Download(backend, y.View);
            for (var i = 0; i < once.Length; i++) twice[i].ShouldBe(2 * once[i], Math.Abs(once[i]) * 1e-5 + 1e-5);
        }
    }

    [Fact]
    public unsafe void MatrixPeakKernel_Rounds_EndsAndGivesTheTilesBack()
    {
        using var code = new InterpretedCode([MatrixPeakKernel.Assemble()]);
        new AssembledPeakJob(new TileKernels(code, 0, 1), rounds: 3).Execute(TeamShare.Whole);
        code.TileCalls.ShouldBe(1);
    }

    private static IEnumerable<LinearSource> Sources(int outputs, int inputs) =>
    [
        new InMemoryQuantized(1, outputs, inputs, 4, 128),
        new InMemoryQuantized(2, outputs, inputs, 4, 64, symmetric: false),
        new InMemoryQuantized(3, outputs, inputs, 3, inputs),
        new InMemoryQuantized(4, outputs, inputs, 8, 100, symmetric: false),
        new InMemoryQuantized(5, outputs, inputs, 8, 128),
        new InMemoryDense(6, outputs, inputs, DataType.BFloat16),
    ];

    private static float[] Multiply(CpuBackend backend, int rows, LinearSource source)
    {
        using var weight = backend.LoadMatrix([source]);
        var x = BackendPair.Upload(backend, BackendPair.Random(rows, rows * source.Inputs), rows, source.Inputs);
        using var y = backend.Allocate(rows, source.Outputs);
        backend.MatMul(x, weight, y.View);
        return BackendPair.Download(backend, y.View);
    }

    /// <summary>A backend whose kernels are interpreted; inputs are packed by AVX-512 all the same.</summary>
    private static CpuBackend Interpreted(CpuInstructionSet path, ActivationPrecision precision, out Func<InterpretedCode> code)
    {
        if (!CpuFeatures.OfThisProcess.HasAvx512Bytes) Assert.Skip("skipped: this processor has no AVX-512 with BW and VBMI, which packs the kernels' inputs");
        var machine = CpuFeatures.OfThisProcess with { HasVnni = true, HasBrainFloats = true, HasTiles = true, CodeProblem = null, TileProblem = null };
        InterpretedCode? made = null;
        code = () => made!;
        var operations = new AssembledOperations(path, precision, routines => made = new InterpretedCode(routines));
        return new CpuBackend(new CpuBackendOptions { InstructionSet = path, Threads = 2, Activations = precision }, machine, operations: operations);
    }
}
