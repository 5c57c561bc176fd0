using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tests.Evaluation;
using Dray.Quantization.Tuning;

namespace Dray.Quantization.Tests.Tuning;

/// <summary>Products in integers against those in float32, over layers that are rounded alike, differently, or not at all.</summary>
public sealed class GroupProductsTests
{
    private const int Inputs = 192;
    private const int Tokens = 70;

    private static readonly WeightScheme W4 = new(4, 64, true);

    private static readonly WeightScheme?[][] Cases =
    [
        [W4],
        [W4, W4, W4],
        [W4, null, W4],
        [null, null],
        [new(4, 64, false), new(4, 64, false)],
        [new(8, 32, true), new(2, -1, true), new(3, 96, false)],
        [W4, new(4, 16, true)],
    ];

    public static TheoryData<int> CaseNumbers() => [.. Enumerable.Range(0, Cases.Length)];

    [Theory]
    [MemberData(nameof(CaseNumbers))]
    public void Products_AnySchemes_AreThoseOfFloat32WithinTheRoundingOfIntegers(int number)
    {
        var schemes = Cases[number];
        if (CpuFeatures.OfThisProcess.Lack(CpuInstructionSet.Avx512Vnni) is not null) return;
        var random = new Random(schemes.Length);
        using var floats = CpuPaths.Float32();
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using var kernels = new TrainingKernels();
        var parts = schemes.Select((scheme, i) => Part($"layer {i}", 32 * (i + 1), scheme)).ToArray();
        var outputs = parts.Sum(part => part.Outputs);
        var (x, dy) = (Random(Tokens * Inputs), Random(Tokens * outputs));

        var expected = Run(floats, new FloatProducts(floats));
        var actual = Run(backend, new GroupProducts(backend, kernels));

        Distance(actual.Y, expected.Y).ShouldBeLessThan(schemes.Contains(null) ? 4e-3 : 1e-4);
        Distance(actual.Dx, expected.Dx).ShouldBeLessThan(0.02);
        var row = 0;
        foreach (var (part, scheme) in parts.Zip(schemes))
        {
            var (first, length) = (row * Inputs, part.Outputs * Inputs);
            if (scheme is not null) Distance(actual.Dw[first..(first + length)], expected.Dw[first..(first + length)]).ShouldBeLessThan(0.02, part.Name);
            row += part.Outputs;
        }

        LinearSource Part(string name, int count, WeightScheme? scheme)
        {
            var layer = new BlockLayer(name, count, Inputs, [.. Random(count * Inputs).Select(value => BrainFloat.Decode(BrainFloat.Encode(value)))], scheme);
            return BlockTuner.SourceOf(layer, scheme is null ? null : RoundToNearest.Quantize(layer, backend.Team));
        }

        float[] Random(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

        (float[] Y, float[] Dx, float[] Dw) Run(CpuBackend on, LinearProducts products)
        {
            using (products)
            {
                using var input = on.Allocate(Tokens, Inputs);
                using var gradient = on.Allocate(Tokens, outputs);
                using var y = on.Allocate(Tokens, outputs);
                using var dx = on.Allocate(Tokens, Inputs);
                using var dw = on.Allocate(outputs, Inputs);
                on.Upload(x, input.View);
                on.Upload(dy, gradient.View);

                // What was loaded before leaves nothing behind, whatever it was.
                products.Load([.. parts.Select((part, i) => Part(part.Name, part.Outputs, i == 0 ? null : W4))]);
                products.Load(parts);
                products.Forward(input.View, y.View, isDraft: false);
                products.Backward(gradient.View, dx.View, false, dw.View, false);
                return (Values(on, y), Values(on, dx), Values(on, dw));
            }
        }
    }

    private static float[] Values(CpuBackend backend, TensorBuffer buffer)
    {
        var values = new float[buffer.Rows * buffer.Columns];
        backend.Download(buffer.View, values);
        return values;
    }

    private static double Distance(float[] actual, float[] expected) =>
        Math.Sqrt(actual.Zip(expected, (a, e) => Math.Pow(a - e, 2)).Sum() / expected.Sum(e => Math.Pow(e, 2)));
}
