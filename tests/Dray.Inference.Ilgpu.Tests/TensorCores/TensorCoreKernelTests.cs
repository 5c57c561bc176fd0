using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.TensorCores;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests.TensorCores;

/// <summary>What the PTX computes, against float64 products of x rounded to bf16 and exact weights.</summary>
public sealed class TensorCoreKernelTests : IDisposable
{
    private const int AllTotals = 1 << 8;

    private readonly TensorCoreProduct _product = new();

    public void Dispose() => _product.Dispose();

    [Theory]
    [InlineData(128, 40, 1152, 1)]
    [InlineData(128, 272, 256, 9)]
    [InlineData(256, 64, 512, 21)]
    [InlineData(128, 24, 640, 67)]
    [InlineData(64, 33, 448, 7)]
    [InlineData(32, 48, 704, 12)]
    [InlineData(32, 48, 384, 32)]
    [InlineData(96, 17, 192, 40)]
    [InlineData(-1, 16, 100, 3)]
    [InlineData(0, 40, 656, 5)]
    [InlineData(0, 300, 128, 16)]
    [InlineData(0, 24, 384, 25)]
    [InlineData(0, 24, 300, 65)]
    public void Run_AnyShapeAndGroup_IsTheProduct(int groupSize, int outputs, int inputs, int rows)
    {
        var part = Layer(outputs + inputs, outputs, inputs, groupSize);
        var x = Values(rows, rows * inputs);

        var y = _product.Run([part], x, rows);

        ShouldBeProduct(y, part, x, rows, outputs);
    }

    [Fact]
    public void Run_Accumulating_AddsToAStridedTensorAndTouchesNothingElse()
    {
        const int rows = 11, outputs = 40, inputs = 512, gap = 3;
        var part = Layer(7, outputs, inputs, 128);
        var x = Values(8, rows * inputs);
        var before = Values(9, rows * (outputs + gap));

        var plain = _product.Run([part], x, rows);
        var added = _product.Run([part], x, rows, before, gap);

        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < outputs + gap; column++)
            {
                var at = (row * (outputs + gap)) + column;
                added[at].ShouldBe(column < outputs ? before[at] + plain[(row * outputs) + column] : before[at]);
            }
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(32)]
    [InlineData(0)]
    public void Run_EveryTile_GivesARowTheSameBits(int groupSize)
    {
        const int rows = 5, outputs = 32, inputs = 1100;
        var part = Layer(3, outputs, inputs, groupSize);
        var layout = FragmentLayout.Of([part])!;
        layout.Segments.ShouldBeGreaterThan(2);
        var x = Values(4, rows * inputs);

        var one = _product.Run([part], x, rows);

        foreach (var octets in new[] { 2, 4, 8, (groupSize == 0 ? 4 : 8) | AllTotals })
        {
            var totals = (octets & AllTotals) != 0;
            var plan = new MatMulPlan(octets & ~AllTotals, totals, 1, totals ? 1 : layout.Segments);
            _product.Run([part], x, rows, plan: plan, reversed: true).ShouldBe(one);
        }
    }

    [Fact]
    public void Run_SeveralParts_AreOneMatrix()
    {
        const int rows = 2, inputs = 256;
        LinearSource[] parts = [Layer(1, 24, inputs, 128), Layer(2, 7, inputs, 128), Layer(3, 241, inputs, 128)];
        var x = Values(5, rows * inputs);

        var y = _product.Run(parts, x, rows);

        var first = 0;
        foreach (var part in parts)
        {
            var alone = _product.Run([part], x, rows);
            for (var row = 0; row < rows; row++)
                y.AsSpan((row * 272) + first, part.Outputs).ToArray().ShouldBe(alone.AsSpan(row * part.Outputs, part.Outputs).ToArray());
            first += part.Outputs;
        }
    }

    [Fact]
    public void Run_ManyTiles_CoversEveryRowAndOutputOnce()
    {
        const int rows = 139, outputs = 520, inputs = 128;
        var part = Layer(11, outputs, inputs, 128);
        var x = Values(12, rows * inputs);

        var y = _product.Run([part], x, rows, plan: new MatMulPlan(1, false, 18 * 3, 1));

        ShouldBeProduct(y, part, x, rows, outputs);
    }

    [Fact]
    public void Run_ScalesOfZeroAndOfEveryMagnitude_AreExact()
    {
        const int rows = 3, outputs = 20, inputs = 640;
        var part = new ScaledLayer(outputs, inputs, 128, [0f, 65504f, 5.9604645E-08f, -2f, 0f]);
        var x = Values(13, rows * inputs);

        var y = _product.Run([part], x, rows);

        ShouldBeProduct(y, part, x, rows, outputs);
    }

    private static LinearSource Layer(int seed, int outputs, int inputs, int groupSize) => groupSize == 0
        ? new InMemoryDense(seed, outputs, inputs, DataType.BFloat16)
        : new InMemoryQuantized(seed, outputs, inputs, 4, groupSize < 0 ? inputs : groupSize);

    private static float[] Values(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 4)];
    }

    private static void ShouldBeProduct(float[] y, LinearSource part, float[] x, int rows, int outputs)
    {
        var weights = new float[outputs * part.Inputs];
        part.ReadRows(0, outputs, weights);
        for (var row = 0; row < rows; row++)
        {
            for (var output = 0; output < outputs; output++)
            {
                var (sum, size) = (0.0, 0.0);
                for (var k = 0; k < part.Inputs; k++)
                {
                    var product = (double)BrainFloat.Decode(BrainFloat.Encode(x[(row * part.Inputs) + k])) * weights[(output * part.Inputs) + k];
                    sum += product;
                    size += Math.Abs(product);
                }

                ((double)y[(row * outputs) + output]).ShouldBe(sum, (size * 1e-6) + 1e-30, $"row {row}, output {output}");
            }
        }
    }

    private sealed class ScaledLayer(int outputs, int inputs, int groupSize, float[] scales) : QuantizedLinear("scaled", outputs, inputs, 4, groupSize)
    {
        public override void ReadCodes(int first, int count, Span<byte> codes)
        {
            for (var i = 0; i < codes.Length; i++) codes[i] = (byte)((i + (first * 7)) % 16);
        }

        public override void ReadGroup(int group, int first, Span<float> target, Span<short> zeros)
        {
            for (var n = 0; n < target.Length; n++) target[n] = scales[((n * Groups) + group + first) % scales.Length];
            zeros[..target.Length].Fill(8);
        }
    }
}
