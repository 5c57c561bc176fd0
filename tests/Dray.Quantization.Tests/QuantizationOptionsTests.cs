using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests;

public sealed class QuantizationOptionsTests
{
    [Theory]
    [InlineData("default", 200, 128, 8)]
    [InlineData("best", 1000, 512, 8)]
    [InlineData("light", 50, 128, 8)]
    [InlineData("rtn", 0, 1, 8)]
    [InlineData("opt-rtn", 0, 128, 8)]
    [InlineData("seed", 1000, 512, 4)]
    public void Of_EveryRecipe_HasAutoRoundsValues(string name, int iterations, int samples, int batchSize)
    {
        var options = QuantizationRecipes.Of(name);

        (options.Recipe, options.Iterations, options.Samples, options.BatchSize, options.SequenceLength).ShouldBe((name, iterations, samples, batchSize, 2048));
        options.Scheme.ShouldBe(WeightScheme.W4A16);
        options.NeedsCalibration.ShouldBe(name != "rtn");
        options.Validate();
    }

    [Fact]
    public void Of_UnknownNames_ListTheKnownOnes()
    {
        Should.Throw<ArgumentException>(() => QuantizationRecipes.Of("fast")).Message.ShouldContain("default, best, light, rtn, opt-rtn, seed");
        Should.Throw<ArgumentException>(() => WeightSchemes.Of("MXFP4")).Message.ShouldContain("W4A16, W2A16, W2A16G32, W2A16G64, W3A16, W8A16");
        WeightSchemes.Of("w2a16g32").ShouldBe(new WeightScheme(2, 32, true));
    }

    public static TheoryData<QuantizationOptions, string> WrongOptions => new()
    {
        { new() { Scheme = new(5, 128, true) }, "bits of the checkpoint are 5" },
        { new() { Scheme = new(4, 100, true) }, "group size of the checkpoint is 100" },
        { new() { Rules = [new("down", 6, null, null)] }, "bits of the layers 'down' are 6" },
        { new() { Iterations = -1 }, "number of iterations is -1" },
        { new() { Samples = 0 }, "number of samples is 0" },
        { new() { SequenceLength = 1 }, "number of tokens of a sample is 1" },
        { new() { BatchSize = 0 }, "batch size is 0" },
        { new() { LearningRate = 2 }, "learning rate is 2" },
        { new() { RangeLearningRate = 0 }, "learning rate of the ranges is 0" },
        { new() { MaxShardBytes = 0 }, "most bytes of a weight file are 0" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void Validate_NumberOutOfRange_IsNamed(QuantizationOptions options, string message) =>
        Should.Throw<ArgumentException>(options.Validate).Message.ShouldContain(message);
}
