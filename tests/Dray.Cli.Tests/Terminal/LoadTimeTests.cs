using Dray.Cli.Terminal;
using Dray.Inference.Models;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Cli.Tests.Terminal;

public sealed class LoadTimeTests
{
    [Fact]
    public void Describe_LongLoad_SaysShareAndTimeLeftNowAndThen()
    {
        var time = new FakeTimeProvider();
        var load = new LoadTime(time, TimeSpan.FromSeconds(10));
        load.Describe(new LoadProgress(0, 40, 100, 1000)).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(10));
        load.Describe(new LoadProgress(8, 40, 250, 1000)).ShouldBe("Loading the model: 8 of 40 layers, 25 %, 00:00:30 left");
        time.Advance(TimeSpan.FromSeconds(9));
        load.Describe(new LoadProgress(9, 40, 300, 1000)).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        load.Describe(new LoadProgress(40, 40, 1000, 1000)).ShouldBe("Loading the model: 40 of 40 layers, 100 %");
    }
}
