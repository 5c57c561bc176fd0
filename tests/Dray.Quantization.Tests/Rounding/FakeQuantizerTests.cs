using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests.Rounding;

/// <summary>Forward and gradients against what autograd made of auto-round's own functions.</summary>
public sealed class FakeQuantizerTests : IDisposable
{
    private readonly ThreadTeam _team = new(2);
    private readonly Lazy<RoundingGolden> _golden = new(() => new RoundingGolden("fakequant"));

    public static TheoryData<string> Cases => ["f32_init", "f32_a", "f32_b", "f32_tail", "f32_scale32", "bf16_a", "asym_f32"];

    public void Dispose()
    {
        _team.Dispose();
        if (_golden.IsValueCreated) _golden.Value.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_Golden_EqualsUpstream(string name)
    {
        var quantized = Create(name).Quantized;

        quantized.Scales.ShouldBe(_golden.Value.Floats($"{name}.scale"));
        if (_golden.Value.Has($"{name}.zp")) quantized.Zeros.Select(zero => (float)zero).ShouldBe(_golden.Value.Floats($"{name}.zp"));
        var expected = _golden.Value.Floats($"{name}.Wq");
        var isBrainFloat = _golden.Value.TypeOf($"{name}.Wq") == DataType.BFloat16;
        for (var group = 0; group < quantized.Scales.Length; group++)
        {
            var (start, length) = quantized.Span(group);
            for (var i = start; i < start + length; i++)
            {
                var value = quantized.Scales[group] * (quantized.Codes[i] - quantized.Zeros[group]);
                (isBrainFloat ? BrainFloatArithmetic.Round(value) : value).ShouldBe(expected[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_Golden_EqualAutograds(string name)
    {
        var quantizer = Create(name);
        var offsets = new float[quantizer.Offsets.Length];
        var (alpha, beta) = (new float[quantizer.Parameters.Alpha.Length], new float[quantizer.Parameters.Alpha.Length]);

        quantizer.Gradients(_golden.Value.Floats($"{name}.dWq"), offsets, alpha, beta);

        // Upstream's scale gradients pass through the scale's own type.
        var tolerance = name == "f32_scale32" ? 1e-5f : 2e-3f;
        ShouldBeClose(alpha, _golden.Value.Floats($"{name}.dalpha"), tolerance);
        ShouldBeClose(beta, _golden.Value.Floats($"{name}.dbeta"), tolerance);
        ShouldBeClose(offsets, WithoutPadding(name, _golden.Value.Floats($"{name}.dV")), 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_Golden_MovesAgainstTheSignsOfAutogradsGradients(string name)
    {
        const float Rate = 1 / 64f;
        const float ScaleRate = 1 / 128f;
        var quantizer = Create(name);

        quantizer.Step(_golden.Value.Floats($"{name}.dWq"), Rate, ScaleRate);

        ShouldHaveMoved(quantizer.Offsets, WithoutPadding(name, _golden.Value.Floats($"{name}.V")), WithoutPadding(name, _golden.Value.Floats($"{name}.dV")), Rate, 100);
        ShouldHaveMoved(quantizer.Parameters.Alpha, _golden.Value.Floats($"{name}.alpha"), _golden.Value.Floats($"{name}.dalpha"), ScaleRate, 1);
        ShouldHaveMoved(quantizer.Parameters.Beta, _golden.Value.Floats($"{name}.beta"), _golden.Value.Floats($"{name}.dbeta"), ScaleRate, 1);
        var codes = quantizer.Quantized.Codes.ToArray();
        quantizer.Forward();
        quantizer.Quantized.Codes.ShouldBe(codes, "a step leaves the codes of its new parameters");
    }

    [Fact]
    public void Gradients_SearchedScales_AreThoseOfARangeWithThatScale()
    {
        var random = new Random(1);
        var layer = new BlockLayer("layer", 8, 64, Noise(random, 8 * 64), new WeightScheme(4, 32, true));
        var range = new FakeQuantizer(layer, _team, format: ScaleFormat.Single);
        var searched = new FakeQuantizer(layer, _team, range.Quantized.Scales.ToArray(), ScaleFormat.Single);
        var gradient = Noise(random, 8 * 64);
        var (offsets, expectedOffsets) = (new float[8 * 64], new float[8 * 64]);
        var (alpha, beta, expectedAlpha, expectedBeta) = (new float[16], new float[16], new float[16], new float[16]);

        searched.Gradients(gradient, offsets, alpha, beta);

        range.Gradients(gradient, expectedOffsets, expectedAlpha, expectedBeta);
        offsets.ShouldBe(expectedOffsets);
        alpha.ShouldAllBe(value => value == 0);
        ShouldBeClose(beta, [.. expectedAlpha.Zip(expectedBeta, (a, b) => a + b)], 1e-6f);
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(-1, 0, 0)]
    public void Step_ManyInOneDirection_ParametersStopAtTheirLimits(float direction, float alpha, float beta)
    {
        var layer = new BlockLayer("layer", 1, 2, [-1, 0], new WeightScheme(4, 2, true));
        var range = new FakeQuantizer(layer, _team);
        var searched = new FakeQuantizer(layer, _team, range.Quantized.Scales.ToArray());
        (range.Offsets[1], searched.Offsets[1]) = (-3, -3);

        for (var i = 0; i < 30; i++)
        {
            range.Step([0, direction], 0, 0.1f);
            searched.Step([0, direction], 0, 0.1f);
        }

        (range.Parameters.Alpha[0], range.Parameters.Beta[0]).ShouldBe((alpha, 1));
        (searched.Parameters.Alpha[0], searched.Parameters.Beta[0]).ShouldBe((1, beta));
    }

    private FakeQuantizer Create(string name)
    {
        var format = name == "f32_scale32" ? ScaleFormat.Single : ScaleFormat.Half;
        var quantizer = new FakeQuantizer(_golden.Value.Layer(name), _team, format: format);
        WithoutPadding(name, _golden.Value.Floats($"{name}.V")).CopyTo(quantizer.Offsets, 0);
        _golden.Value.Floats($"{name}.alpha").CopyTo(quantizer.Parameters.Alpha, 0);
        _golden.Value.Floats($"{name}.beta").CopyTo(quantizer.Parameters.Beta, 0);
        quantizer.Forward();
        return quantizer;
    }

    // Upstream pads rows to whole groups.
    private float[] WithoutPadding(string name, float[] padded)
    {
        var description = _golden.Value.Case(name);
        var (n, k) = (description.GetProperty("N").GetInt32(), description.GetProperty("K").GetInt32());
        return [.. Enumerable.Range(0, n).SelectMany(row => padded.AsSpan(row * (padded.Length / n), k).ToArray())];
    }

    private static float[] Noise(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];

    private static void ShouldBeClose(float[] actual, float[] expected, float tolerance)
    {
        var size = expected.Max(MathF.Abs);
        for (var i = 0; i < expected.Length; i++) actual[i].ShouldBe(expected[i], tolerance * size, $"element {i}");
    }

    private static void ShouldHaveMoved(float[] actual, float[] from, float[] gradient, float rate, float limit)
    {
        for (var i = 0; i < from.Length; i++) actual[i].ShouldBe(Math.Clamp(from[i] - (rate * Math.Sign(gradient[i])), limit == 1 ? 0 : -limit, limit), $"element {i}");
    }
}
