using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Compute.Cpu;

/// <summary>Products of quantised inputs and codes, bit by bit against the arithmetic written out.</summary>
public sealed class IntegerProductTests
{
    /// <summary>Gets the paths that multiply integers, with each precision, rows, outputs and inputs.</summary>
    public static TheoryData<CpuInstructionSet, ActivationPrecision, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<CpuInstructionSet, ActivationPrecision, int, int, int>();
            foreach (var path in (CpuInstructionSet[])[CpuInstructionSet.Avx512Vnni, CpuInstructionSet.Avx512Bf16])
            {
                foreach (var precision in Enum.GetValues<ActivationPrecision>())
                {
                    foreach (var rows in (int[])[1, 2, 3, 5, 6, 7, 11, 12, 13, 40]) cases.Add(path, precision, rows, 75, 300);
                    cases.Add(path, precision, 4, 32, 5);
                    cases.Add(path, precision, 520, 33, 1030);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void MatMul_QuantizedWeights_IsTheIntegerProductToTheBit(
        CpuInstructionSet path, ActivationPrecision precision, int rows, int outputs, int inputs)
    {
        using var backend = CpuBackends.Create(path, threads: 2, precision);
        var values = BackendPair.Random(rows, rows * inputs);
        var x = BackendPair.Upload(backend, values, rows, inputs);
        var y = backend.Allocate(rows, outputs);
        foreach (var source in (QuantizedLinear[])
        [
            new InMemoryQuantized(1, outputs, inputs, 4, 128),
            new InMemoryQuantized(2, outputs, inputs, 4, 64, symmetric: false),
            new InMemoryQuantized(3, outputs, inputs, 3, inputs),
            new InMemoryQuantized(4, outputs, inputs, 8, 100, symmetric: false),
        ])
        {
            using var weight = backend.LoadMatrix([source]);
            backend.MatMul(x, weight, y.View);
            BackendPair.Download(backend, y.View).ShouldBe(Product(values, rows, source, precision), source.Name);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void MatMul_InputIsNotFinite_IsSeenInItsRowOnly(float poison)
    {
        using var backend = CpuBackends.Create(CpuInstructionSet.Avx512Vnni, threads: 1);
        var values = BackendPair.Random(1, 3 * 40);
        values[40 + 17] = poison;
        using var weight = backend.LoadMatrix([new InMemoryQuantized(1, 8, 40, 4, 32)]);
        var y = backend.Allocate(3, 8);
        backend.MatMul(BackendPair.Upload(backend, values, 3, 40), weight, y.View);
        var result = BackendPair.Download(backend, y.View);
        result[..8].ShouldAllBe(value => float.IsFinite(value));
        result[8..16].ShouldAllBe(value => !float.IsFinite(value));
        result[16..].ShouldAllBe(value => float.IsFinite(value));
    }

    private static float[] Product(float[] x, int rows, QuantizedLinear source, ActivationPrecision precision)
    {
        var (outputs, inputs, groups) = (source.Outputs, source.Inputs, source.Groups);
        var largest = precision == ActivationPrecision.Bits16 ? 32639f : 127f;
        var (codes, scales, zeros) = (new byte[outputs * inputs], new float[outputs * groups], new short[outputs * groups]);
        source.ReadCodes(0, outputs, codes);
        source.ReadScales(0, outputs, scales, zeros);
        var y = new float[rows * outputs];
        for (var row = 0; row < rows; row++)
        {
            for (int first = 0, end; first < inputs; first = end)
            {
                var group = first / source.GroupSize;
                end = Math.Min(Math.Min(first + 128, (group + 1) * source.GroupSize), inputs);
                var segment = x.AsSpan((row * inputs) + first, end - first).ToArray();
                var greatest = segment.Max(Math.Abs);
                var rounded = segment.Select(value => (long)MathF.Round(value * (largest / greatest))).ToArray();
                for (var n = 0; n < outputs; n++)
                {
                    long sum = 0;
                    for (var k = 0; k < rounded.Length; k++) sum += rounded[k] * (codes[(n * inputs) + first + k] - zeros[(n * groups) + group]);
                    ref var result = ref y[(row * outputs) + n];
                    result = MathF.FusedMultiplyAdd(sum, scales[(n * groups) + group] * (greatest / largest), result);
                }
            }
        }

        return y;
    }
}
