using Dray.Quantization.Calibration;

namespace Dray.Quantization.Tests.Calibration;

public sealed class SampleSharesTests
{
    [Fact]
    public void Of_NoNumbers_SharesEvenlyAndHandsOnWhatSmallSourcesLack() =>
        SampleShares.Of([(3, null), (50, null), (64, null)], 64).ShouldBe([3, 30, 31]);

    [Fact]
    public void Of_SomeNumbers_SharesTheRestEvenly() =>
        SampleShares.Of([(10, 10), (64, null), (64, null), (64, null)], 64).ShouldBe([10, 18, 18, 18]);

    [Fact]
    public void Of_MoreAskedThanAvailable_TakesWhatThereIs() =>
        SampleShares.Of([(5, 20), (64, null)], 64).ShouldBe([5, 59]);

    [Fact]
    public void Of_MoreAskedThanRoom_LeavesTheOthersTheirShares() =>
        SampleShares.Of([(40, 40), (64, 40), (64, null)], 64).ShouldBe([40, 40, 64]);
}
