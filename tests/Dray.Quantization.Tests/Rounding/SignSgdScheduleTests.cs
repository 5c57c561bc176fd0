using System.Text.Json;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests.Rounding;

public sealed class SignSgdScheduleTests
{
    [Fact]
    public void Rate_GoldenRun_EqualsUpstreams()
    {
        var golden = JsonElement.Parse(File.ReadAllText(SharedFolder.Require("goldens", "autoround", "signround_block.json")));
        var expected = golden.GetProperty("lr").EnumerateArray().Select(rates => rates[0].GetDouble()).ToArray();

        var schedule = SignSgdSchedule.For(expected.Length, 4);

        for (var i = 0; i < expected.Length; i++) ((double)schedule.Rate(i)).ShouldBe(expected[i], 1e-8);
    }

    [Theory]
    [InlineData(1000, 4, null, 1e-3f)]
    [InlineData(1000, 3, null, 2e-3f)]
    [InlineData(200, 2, null, 5e-3f)]
    [InlineData(1000, 2, 5e-3f, 5e-3f)]
    public void For_IterationsAndBits_FirstRateIsAutoRounds(int iterations, int bits, float? rate, float expected) =>
        SignSgdSchedule.For(iterations, bits, rate).Rate(0).ShouldBe(expected);
}
