using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

/// <summary>Products as assembled kernels compute them, written out.</summary>
internal static class ExpectedProduct
{
    /// <summary>Of inputs that are quantised per row and segment, and codes.</summary>
    public static float[] OfIntegers(float[] x, int rows, QuantizedLinear source, ActivationPrecision precision)
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

    /// <summary>Of inputs rounded to bf16 and bf16 weights in AMX-BF16: 32 inputs a step, even and odd ones each in order, then both, then the sum so far.</summary>
    public static float[] OfMatrixBrainFloats(float[] x, int rows, DenseLinear source)
    {
        const int step = 32;
        var (outputs, inputs) = (source.Outputs, source.Inputs);
        var weights = new float[outputs * inputs];
        source.ReadRows(0, outputs, weights);
        var y = new float[rows * outputs];
        for (var i = 0; i < y.Length; i++)
        {
            var (row, n) = (i / outputs, i % outputs);
            for (var first = 0; first < inputs; first += step)
            {
                var (even, odd) = (0f, 0f);
                for (var k = first; k < Math.Min(first + step, inputs); k++)
                {
                    ref var sum = ref k % 2 == 0 ? ref even : ref odd;
                    sum = MathF.FusedMultiplyAdd(BrainFloat.Decode(BrainFloat.Encode(x[(row * inputs) + k])), weights[(n * inputs) + k], sum);
                }

                y[i] += even + odd;
            }
        }

        return y;
    }
}
