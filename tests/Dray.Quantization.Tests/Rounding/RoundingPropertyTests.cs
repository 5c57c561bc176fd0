using CsCheck;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests.Rounding;

/// <summary>What holds for any weights and any scheme.</summary>
public sealed class RoundingPropertyTests : IDisposable
{
    private static readonly Gen<BlockLayer> Layers =
        from scheme in Gen.Select(
            Gen.OneOf(Gen.Const(2), Gen.Const(3), Gen.Const(4), Gen.Const(8)),
            Gen.OneOf(Gen.Const(-1), Gen.Const(5), Gen.Const(32), Gen.Const(48), Gen.Const(128)),
            Gen.Bool,
            (bits, size, symmetric) => new WeightScheme(bits, size, symmetric))
        from outputs in Gen.Int[1, 5]
        from inputs in Gen.Int[1, 200]
        from magnitude in Gen.OneOf(Gen.Const(1e-6f), Gen.Const(0.01f), Gen.Const(1f), Gen.Const(1000f))
        from weights in Gen.Float[-1, 1].Select(value => value * magnitude).Array[outputs * inputs]
        select new BlockLayer("layer", outputs, inputs, weights, scheme);

    private readonly ThreadTeam _team = new(2);

    public void Dispose() => _team.Dispose();

    [Fact]
    public void Quantize_AnyWeights_EachIsAtMostHalfAStepFromItsValueOrBeyondTheGrid() => Layers.Sample(layer =>
    {
        var weight = RoundToNearest.Quantize(layer, _team);
        for (var group = 0; group < weight.Scales.Length; group++)
        {
            var (start, length) = weight.Span(group);
            var (scale, zero) = (weight.Scales[group], weight.Zeros[group]);
            zero.ShouldBeInRange((byte)0, (byte)layer.Scheme!.Value.MaxCode);
            for (var i = start; i < start + length; i++)
            {
                var position = (layer.Weight[i] / scale) + zero;
                weight.Codes[i].ShouldBeInRange((byte)0, (byte)layer.Scheme.Value.MaxCode);
                Math.Abs(Math.Clamp(position, 0, layer.Scheme.Value.MaxCode) - weight.Codes[i]).ShouldBeLessThanOrEqualTo(0.5f + 1e-4f);
            }
        }
    });

    [Fact]
    public void Quantize_ValuesOnTheGrid_StayWhereTheyAre() => Layers.Where(layer => layer.Scheme!.Value.IsSymmetric).Sample(layer =>
    {
        var once = RoundToNearest.Quantize(layer, _team);

        var twice = new FakeQuantizer(layer with { Weight = Values(once) }, _team, once.Scales).Quantized;

        twice.Scales.ShouldBe(once.Scales);
        twice.Codes.ShouldBe(once.Codes);
    });

    [Fact]
    public void Create_AnyWeights_BeginsAtRoundingToNearest() => Layers.Sample(layer =>
    {
        var expected = RoundToNearest.Quantize(layer, _team);

        var quantizer = new FakeQuantizer(layer, _team);

        quantizer.Quantized.Codes.ShouldBe(expected.Codes);
        quantizer.Quantized.Scales.ShouldBe(expected.Scales);
        quantizer.Quantized.Zeros.ShouldBe(expected.Zeros);
    });

    [Fact]
    public void Step_AnyWeights_DoesNotDependOnThreads()
    {
        using var alone = new ThreadTeam(1);
        var random = new Random(1);
        var layer = new BlockLayer("layer", 400, 300, Noise(random, 400 * 300), new WeightScheme(4, 128, true));
        var (one, two) = (new FakeQuantizer(layer, alone), new FakeQuantizer(layer, _team));

        for (var i = 0; i < 20; i++)
        {
            var gradient = Noise(random, 400 * 300);
            one.Step(gradient, 0.02f, 0.02f);
            two.Step(gradient, 0.02f, 0.02f);
        }

        two.Quantized.Codes.AsSpan().SequenceEqual(one.Quantized.Codes).ShouldBeTrue();
        two.Quantized.Scales.ShouldBe(one.Quantized.Scales);
    }

    [Fact]
    public void Restore_AfterSteps_BringsTheKeptWeightsBack()
    {
        var random = new Random(1);
        var quantizer = new FakeQuantizer(new BlockLayer("layer", 4, 64, Noise(random, 256), new WeightScheme(4, 32, true)), _team);
        quantizer.Step(Noise(random, 256), 0.3f, 0.1f);
        quantizer.Keep();
        var (codes, scales) = (quantizer.Quantized.Codes.ToArray(), quantizer.Quantized.Scales.ToArray());
        quantizer.Step(Noise(random, 256), 0.3f, 0.1f);
        quantizer.Quantized.Codes.ShouldNotBe(codes);

        quantizer.Restore();

        quantizer.Quantized.Codes.ShouldBe(codes);
        quantizer.Quantized.Scales.ShouldBe(scales);
    }

    private static float[] Noise(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];

    private static float[] Values(QuantizedWeight weight)
    {
        var values = new float[weight.Codes.Length];
        for (var group = 0; group < weight.Scales.Length; group++)
        {
            var (start, length) = weight.Span(group);
            for (var i = start; i < start + length; i++) values[i] = weight.Scales[group] * (weight.Codes[i] - weight.Zeros[group]);
        }

        return values;
    }
}
