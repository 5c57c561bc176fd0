using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class TopTokensTests
{
    [Theory]
    [InlineData(20, 20)]
    [InlineData(23, 20)]
    [InlineData(1000, 20)]
    [InlineData(50_001, 3)]
    public void Find_AnyRow_IsAStableSortsBeginning(int length, int count)
    {
        var random = new Random(length);

        // Few different values, so that many are equal.
        float[] logits = [.. Enumerable.Range(0, length).Select(_ => (float)random.Next(40))];
        var tokens = new int[count];

        TopTokens.Find(logits, tokens);

        tokens.ShouldBe(Enumerable.Range(0, length).OrderByDescending(token => logits[token]).Take(count));
    }

    [Fact]
    public void Find_RisingRow_IsItsEnd()
    {
        float[] logits = [.. Enumerable.Range(0, 100).Select(i => (float)i)];
        var tokens = new int[4];

        TopTokens.Find(logits, tokens);

        tokens.ShouldBe([99, 98, 97, 96]);
    }
}
