using Dray.Quantization.Tuning;

namespace Dray.Quantization.Tests.Tuning;

public sealed class TokenMaskTests
{
    [Theory]
    [InlineData("5 6 7 8", null, "1110")]
    [InlineData("5 6 8 8 8", null, "11000")]
    [InlineData("8 6 8 7", null, "1110")]
    [InlineData("9 6 9 8 8", 9, "01010")]
    [InlineData("8", null, "0")]
    public void Of_Sample_TellsWhichTokensCount(string sample, int? padToken, string expected)
    {
        var mask = TokenMask.Of([.. sample.Split(' ').Select(int.Parse)], padToken);
        string.Concat(mask.Select(counts => counts ? '1' : '0')).ShouldBe(expected);
    }
}
