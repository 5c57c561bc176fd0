using Dray.Quantization.Calibration;

namespace Dray.Quantization.Tests.Calibration;

public sealed class SampleCutterTests
{
    private const int Bos = 1;
    private const int Eos = 2;

    [Fact]
    public void Add_TextsByThemselves_KeepsTheBeginningsOfThoseLongEnough()
    {
        var cutter = Cutter(8, concatenate: false);
        cutter.Add(Item(10, 30));
        cutter.Add(Item(50, 7));
        cutter.Add(Item(60, 7, bos: true));
        cutter.Add(Item(70, 6, bos: true, eos: true));

        cutter.Samples.Count.ShouldBe(3);
        cutter.Samples[0].ShouldBe([10, 11, 12, 13, 14, 15, 16, 17]);
        cutter.Samples[1].ShouldBe([Bos, 60, 61, 62, 63, 64, 65, 66]);
        cutter.Samples[2].ShouldBe([Bos, 70, 71, 72, 73, 74, 75, Eos]);
        cutter.Short.ShouldBe(1);
    }

    [Fact]
    public void Add_JoinedTexts_CutsThemWithoutGapAndDropsTheTail()
    {
        var cutter = Cutter(8, concatenate: true);
        for (var start = 100; start < 130; start += 5) cutter.Add(Item(start, 5));

        cutter.Samples.Count.ShouldBe(3);
        cutter.Samples.SelectMany(sample => sample).ShouldBe(Enumerable.Range(100, 24));
    }

    [Fact]
    public void Add_JoinedTextsWithBoundaries_HasEachOncePerSample()
    {
        var cutter = Cutter(8, concatenate: true);
        for (var start = 100; start < 130; start += 3) cutter.Add(Item(start, 3, bos: true, eos: true));

        cutter.Samples.Count.ShouldBe(5);
        foreach (var sample in cutter.Samples)
        {
            sample[0].ShouldBe(Bos);
            sample[^1].ShouldBe(Eos);
        }

        cutter.Samples.SelectMany(sample => sample[1..^1]).ShouldBe(Enumerable.Range(100, 30));
    }

    [Fact]
    public void Add_OneLongText_ShufflesItsSamples()
    {
        var cutter = Cutter(8, concatenate: true);
        cutter.Add(Item(100, 160));

        var starts = cutter.Samples.Select(sample => sample[0]).ToArray();
        starts.ShouldNotBe(starts.Order().ToArray());
        starts.Order().ShouldBe(Enumerable.Range(0, 20).Select(i => 100 + (i * 8)));
    }

    [Fact]
    public void Add_MostlyOneToken_LeavesTheSampleOut()
    {
        var cutter = Cutter(8, concatenate: false);
        cutter.Add(new TokenizedItem([5, 6, 7, 9, 9, 9, 9, 9], false, false));
        cutter.Add(new TokenizedItem([5, 6, 7, 8, 9, 9, 9, 9], false, false));

        cutter.Samples.ShouldHaveSingleItem().ShouldBe([5, 6, 7, 8, 9, 9, 9, 9]);
        cutter.Repetitive.ShouldBe(1);
    }

    private static SampleCutter Cutter(int length, bool concatenate) => new(length, Bos, Eos, concatenate, new PythonRandom(42));

    private static TokenizedItem Item(int first, int count, bool bos = false, bool eos = false) =>
        new([.. Enumerable.Range(first, count)], bos, eos);
}
