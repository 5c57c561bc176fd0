using Dray.Worker.Page;

namespace Dray.Worker.Tests.Page;

public sealed class SparklineTests
{
    [Fact]
    public void OfNumbers_ThreeValues_DrawsThemUpToTheLargestAtTheRightEdge()
    {
        var chart = Sparkline.OfNumbers("Tokens/s", [0, 200, 100]);

        chart.Line.ShouldBe("238.4,47 239.2,1 240,24");
        chart.Area.ShouldBe("238.4,48 238.4,47 239.2,1 240,24 240,48");
        (chart.Now, chart.Least, chart.Most).ShouldBe(("100", "0", "200"));
        chart.Description.ShouldBe("Tokens/s over the last 6 s: now 100, least 0, most 200.");
    }

    [Fact]
    public void OfShares_Half_IsInTheMiddle()
    {
        var chart = Sparkline.OfShares("KV cache", [double.NaN, 0.5]);

        chart.Line.ShouldBe("240,24");
        chart.Description.ShouldBe("KV cache over the last 2 s: now 50%, least 50%, most 50%.");
    }

    [Fact]
    public void OfNumbers_AllSamples_ReachFromEdgeToEdge()
    {
        var points = Sparkline.OfNumbers("Rows", Enumerable.Repeat(1.0, EngineSampler.Most)).Line.Split(' ');

        points.Length.ShouldBe(EngineSampler.Most);
        (points[0], points[^1]).ShouldBe(("0,1", "240,1"));
    }

    [Fact]
    public void OfNumbers_NothingMeasured_SaysSo()
    {
        var chart = Sparkline.OfNumbers("Rows", [double.NaN]);

        (chart.Line, chart.Area, chart.Now).ShouldBe(("", "", "–"));
        chart.Description.ShouldBe("Rows: nothing measured yet.");
    }
}
