using Dray.Inference.Sampling;

namespace Dray.Inference.Tests.Sampling;

public sealed class SeededGeneratorTests
{
    [Fact]
    public void SplitMix_SeedOf1234567_GivesThePublishedNumbers()
    {
        var state = 1234567UL;
        ulong[] numbers = [.. Enumerable.Range(0, 5).Select(_ => SeededGenerator.SplitMix(ref state))];
        numbers.ShouldBe([6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]);
    }

    [Fact]
    public void NextDouble_ManyDraws_FillTheIntervalEvenly()
    {
        var generator = new SeededGenerator(1, 0);
        var tenths = new int[10];
        for (var i = 0; i < 100_000; i++) tenths[(int)(generator.NextDouble() * 10)]++;
        tenths.ShouldAllBe(count => count > 9_500 && count < 10_500);
    }

    [Fact]
    public void Next_OtherSeedOrStream_DiffersFromTheFirstNumberOn()
    {
        ulong[] first = [.. Enumerable.Range(0, 100).Select(seed => new SeededGenerator((ulong)seed / 10, (ulong)seed % 10).Next())];
        first.Distinct().Count().ShouldBe(100);
        new SeededGenerator(3, 4).Next().ShouldBe(first[34]);
    }
}
