using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class TextChunksTests
{
    private static readonly int[] Ids = [.. Enumerable.Range(0, 23)];

    [Fact]
    public void Of_TextWithATail_LeavesTheTailOut()
    {
        var text = new TextChunks(Ids, context: 5);

        (text.Count, text.Context, text.SecondHalf).ShouldBe((4, 5, 2));
        text.Of(1, 2).ToArray().ShouldBe(Enumerable.Range(5, 10));
        (text.Next(3, 0), text.Next(3, 3), text.Next(3, 4)).ShouldBe((16, 19, null));
    }

    [Fact]
    public void Of_WithBos_OverwritesEachChunksFirstToken()
    {
        var text = new TextChunks(Ids, context: 5, most: 2, bos: 99);

        text.Of(0, text.Count).ToArray().ShouldBe([99, 1, 2, 3, 4, 99, 6, 7, 8, 9]);
        Ids[0].ShouldBe(0);
    }

    [Theory]
    [InlineData(24, null, "The text has 23 tokens, fewer than one chunk of 24; give a longer text or a smaller --ctx.")]
    [InlineData(3, null, "A chunk is to have 3 tokens, but needs at least 4; give a greater --ctx.")]
    [InlineData(5, 0, "The most chunks are 0, but there must be at least 1.")]
    public void Constructor_WrongNumbers_SaysWhatToChange(int context, int? most, string sentence) =>
        Should.Throw<ArgumentException>(() => new TextChunks(Ids, context, most)).Message.ShouldBe(sentence);
}
