using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests.Rounding;

public sealed class ScaleSearchTests : IDisposable
{
    private readonly ThreadTeam _team = new(2);

    public void Dispose() => _team.Dispose();

    [Theory]
    [InlineData("none")]
    [InlineData("pos_g128")]
    [InlineData("pos_g32")]
    [InlineData("some_zero")]
    [InlineData("many_zero")]
    [InlineData("tail")]
    [InlineData("bf16")]
    public void Search_Golden_EqualsUpstream(string name)
    {
        using var golden = new RoundingGolden("optrtn");
        var layer = golden.Layer(name);
        var importance = golden.Has($"{name}.imatrix") ? golden.Floats($"{name}.imatrix") : null;
        var weight = QuantizedWeight.For(layer);

        var scales = ScaleSearch.Search(weight, layer, importance, repair: true, _team);

        scales.ShouldBe(golden.Floats($"{name}.scale"));
        var expected = golden.Floats($"{name}.qdq");
        for (var group = 0; group < scales.Length; group++)
        {
            var (start, length) = weight.Span(group);
            for (var i = start; i < start + length; i++)
            {
                var value = scales[group] * (weight.Codes[i] - weight.Zeros[group]);
                (name == "bf16" ? BrainFloatArithmetic.Round(value) : value).ShouldBe(expected[i]);
            }
        }

        weight.Scales.ShouldBe(scales.Select(scale => (float)(Half)scale));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Quantize_AnyBits_ErrorIsAtMostThatOfRoundingToNearest(int bits)
    {
        var random = new Random(bits);
        var values = Enumerable.Range(0, 16 * 100).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var layer = new BlockLayer("layer", 16, 100, values, new WeightScheme(bits, 48, true));

        var searched = Error(ScaleSearch.Quantize(layer, null, _team), values);

        searched.ShouldBeLessThan(Error(RoundToNearest.Quantize(layer, _team), values));
    }

    [Fact]
    public void Scales_InputsOfNoImportance_DoNotCount()
    {
        float[] row = [-1, 0.33f, 0.25f, 0.5f];
        var layer = new BlockLayer("layer", 1, 4, row, new WeightScheme(4, 4, true));

        var all = ScaleSearch.Scales(layer, null, _team);
        var one = ScaleSearch.Scales(layer, [0, 1, 0, 0], _team);

        Math.Abs((one[0] * MathF.Round(0.33f / one[0])) - 0.33f).ShouldBeLessThan(Math.Abs((all[0] * MathF.Round(0.33f / all[0])) - 0.33f));
    }

    [Fact]
    public void Quantize_GroupOfZeros_ScaleIsTheLeast() =>
        ScaleSearch.Quantize(new BlockLayer("layer", 1, 4, new float[4], WeightScheme.W4A16), [0, 0, 0, 1], _team).Scales.ShouldBe([(float)(Half)1e-5f]);

    [Fact]
    public void Quantize_AsymmetricScheme_NamesTheLayerAndTheRemedy() =>
        Should.Throw<ArgumentException>(() => ScaleSearch.Quantize(new BlockLayer("k_proj", 1, 1, [0], new WeightScheme(4, 1, false)), null, _team))
            .Message.ShouldStartWith("k_proj has an asymmetric scheme");

    private static double Error(QuantizedWeight weight, float[] values)
    {
        var error = 0.0;
        for (var group = 0; group < weight.Scales.Length; group++)
        {
            var (start, length) = weight.Span(group);
            for (var i = start; i < start + length; i++)
                error += Math.Pow((weight.Scales[group] * (weight.Codes[i] - weight.Zeros[group])) - values[i], 2);
        }

        return error;
    }
}
