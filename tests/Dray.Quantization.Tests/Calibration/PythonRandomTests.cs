using Dray.Quantization.Calibration;

namespace Dray.Quantization.Tests.Calibration;

/// <summary>Expected values are CPython 3.11's.</summary>
public sealed class PythonRandomTests
{
    [Theory]
    [InlineData(0, new[] { 3626764237u, 1654615998u, 3255389356u, 3823568514u })]
    [InlineData(1, new[] { 577090037u, 2444712010u, 3639700191u, 3445702192u })]
    [InlineData(42, new[] { 2746317213u, 478163327u, 107420369u, 3184935163u })]
    [InlineData(-42, new[] { 2746317213u, 478163327u, 107420369u, 3184935163u })]
    [InlineData(int.MaxValue, new[] { 1364760256u, 4023463762u, 3510513048u, 516955790u })]
    public void Bits_ASeed_AreCPythons(int seed, uint[] expected)
    {
        var random = new PythonRandom(seed);
        foreach (var bits in expected) random.Bits(32).ShouldBe(bits);
    }

    [Fact]
    public void Bits_MoreThanTheState_AreCPythons()
    {
        var random = new PythonRandom(5);
        for (var i = 0; i < 1999; i++) random.Bits(32);
        random.Bits(32).ShouldBe(2894893787u);
    }

    [Theory]
    [InlineData(42, new[] { 7, 3, 2, 8, 5, 6, 9, 4, 0, 1 })]
    [InlineData(7, new[] { 0 })]
    [InlineData(123, new[] { 1, 0 })]
    [InlineData(1, new[]
    {
        2, 17, 10, 30, 27, 22, 7, 16, 5, 1, 9, 21, 18, 11, 31, 26, 19, 13, 23, 0, 25, 29, 6, 12, 20, 28, 14, 24, 15, 3, 32, 4, 8,
    })]
    public void Shuffle_ASeed_OrdersAsCPython(int seed, int[] expected)
    {
        var items = Enumerable.Range(0, expected.Length).ToArray();
        new PythonRandom(seed).Shuffle<int>(items);
        items.ShouldBe(expected);
    }
}
