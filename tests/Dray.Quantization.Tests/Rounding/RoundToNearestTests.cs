using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests.Rounding;

public sealed class RoundToNearestTests : IDisposable
{
    private readonly ThreadTeam _team = new(2);

    public void Dispose() => _team.Dispose();

    [Theory]
    [InlineData("sym_64x128_g128")]
    [InlineData("sym_64x128_g64")]
    [InlineData("sym_64x128_g32")]
    [InlineData("sym_96x256_g128")]
    [InlineData("sym_96x256_g64")]
    [InlineData("sym_96x256_g32")]
    [InlineData("sym_256x512_g128")]
    [InlineData("sym_256x512_g64")]
    [InlineData("sym_256x512_g32")]
    [InlineData("sym_bias_96x256_g128")]
    [InlineData("sym_perrow_64x256_gm1")]
    [InlineData("sym_plain_64x256_g128")]
    [InlineData("sym_tail_64x160_g128")]
    [InlineData("sym_tail_64x64_g128")]
    [InlineData("sym_tail_96x288_g64")]
    [InlineData("asym_256x512_g32")]
    [InlineData("asym_64x128_g128")]
    [InlineData("asym_96x256_g64")]
    public void Quantize_GoldenWeights_EqualsUpstream(string name)
    {
        using var golden = new RoundingGolden("pack");

        var weight = RoundToNearest.Quantize(golden.Layer(name), _team);

        Transposed(golden.Floats($"{name}.scales"), weight.Outputs).ShouldBe(weight.Scales);
        Transposed(golden.Bytes($"{name}.zeros"), weight.Outputs).ShouldBe(weight.Zeros);
        weight.Codes.ShouldBe(golden.Bytes($"{name}.codes"));
    }

    [Theory]
    [InlineData(0.8f, -0.1f)]
    [InlineData(-0.8f, 0.1f)]
    public void Quantize_Extreme_GetsCodeZeroAndTheScaleItsSign(float extreme, float scale)
    {
        var weight = Quantize([extreme, 0, 0.1f, -0.1f], new WeightScheme(4, 4, true));

        weight.Scales.ShouldBe([(float)(Half)scale]);
        weight.Codes.ShouldBe(extreme > 0 ? [0, 8, 7, 9] : [0, 8, 9, 7]);
    }

    [Fact]
    public void Quantize_Tie_ScaleIsNegative() => Quantize([0.5f, -0.5f], new WeightScheme(4, 2, true)).Codes.ShouldBe([0, 15]);

    [Fact]
    public void Quantize_HalfwayBetweenCodes_RoundsToEven() =>
        Quantize([-8, 0.5f, 1.5f, 2.5f], new WeightScheme(4, -1, true)).Codes.ShouldBe([0, 8, 10, 10]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quantize_GroupOfZeros_ScaleIsTheLeast(bool symmetric)
    {
        var weight = Quantize(new float[8], new WeightScheme(4, 8, symmetric));

        weight.Scales.ShouldBe([(float)(Half)1e-5f]);
        weight.Codes.ShouldAllBe(code => code == weight.Zeros[0]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e6f)]
    public void Quantize_WeightThatScalesCantRepresent_NamesTheLayer(float value)
    {
        var layer = new BlockLayer("mlp.up_proj", 1, 40, [.. new float[20], value, .. new float[19]], WeightScheme.W4A16);

        Should.Throw<ArgumentException>(() => RoundToNearest.Quantize(layer, _team)).Message.ShouldContain("mlp.up_proj has weights from");
    }

    [Fact]
    public void Quantize_LayerWithoutScheme_NamesTheLayer() =>
        Should.Throw<ArgumentException>(() => RoundToNearest.Quantize(new BlockLayer("lm_head", 1, 1, [0], null), _team)).Message.ShouldContain("lm_head");

    private QuantizedWeight Quantize(float[] row, WeightScheme scheme) =>
        RoundToNearest.Quantize(new BlockLayer("layer", 1, row.Length, row, scheme), _team);

    private static T[] Transposed<T>(T[] values, int outputs) =>
        [.. Enumerable.Range(0, values.Length).Select(i => values[(i % (values.Length / outputs) * outputs) + (i / (values.Length / outputs))])];
}
