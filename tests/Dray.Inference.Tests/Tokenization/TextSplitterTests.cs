using System.Text.RegularExpressions;
using CsCheck;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class TextSplitterTests
{
    /// <summary>Characters of the first plane on which .NET's regular expressions and ours must agree.</summary>
    private static readonly Gen<string> PlaneZero = Gen.OneOf(
        Gen.OneOf(
            "a", "b", "A", "B", "ǅ", "ʰ", "語", "\u0300", "\u0903", "1", "Ⅷ", " ", " ", "\t", "\n", "\r", "\u00A0", "\u2028", "\u3000",
            "\u200B", ".", "/", "'", "s", "ll", "re", "-")
            .Array[0, 24].Select(string.Concat),
        Gen.String[Gen.OneOf(Gen.Char['\0', '\uD7FF'], Gen.Char['\uE000', '\uFFFF']), 0, 24]);

    [Fact]
    public void PieceEnd_FixtureRows_CutsAsPythonsRegex()
    {
        var splitter = new TekkenSplitter();
        foreach (var row in Fixture.Rows("pieces.jsonl"))
            Splitters.Pieces(splitter, row.GetProperty("text").GetString()!).ShouldBe(row.GetProperty("pieces").Strings());
    }

    [Fact]
    public void PieceEnd_TekkenOnPlaneZero_CutsAsTheRegularExpression() =>
        PlaneZero.Sample(text => Same(new TekkenSplitter(), TekkenSplitter.Pattern, text), iter: 5_000);

    [Fact]
    public void PieceEnd_ContractionsOnPlaneZero_CutsAsTheRegularExpression() =>
        PlaneZero.Sample(text => Same(new ContractionSplitter(), ContractionSplitter.Pattern, text), iter: 5_000);

    [Theory]
    [InlineData("𝐀𝐛 𠀀x", "𝐀𝐛| 𠀀x")]
    [InlineData("𝟎𝟏", "𝟎|𝟏")]
    [InlineData("🎉🎉a", "🎉🎉|a")]
    public void PieceEnd_BeyondPlaneZero_ClassesAreThoseOfTheWholeCodePoint(string text, string pieces) =>
        string.Join('|', Splitters.Pieces(new ContractionSplitter(), text)).ShouldBe(pieces);

    [Fact]
    public void PieceEnd_PatternThatLeavesGaps_KeepsTheGapsAsPieces() =>
        Splitters.Pieces(new RegexSplitter("[a-z]+"), "ab 12cd!").ShouldBe(["ab", " 12", "cd", "!"]);

    [Fact]
    public void PieceEnd_PatternThatDoesNotMatch_TakesTheRest() =>
        Splitters.Pieces(new RegexSplitter("x"), "abc").ShouldBe(["abc"]);

    [Fact]
    public void PieceEnd_PatternThatMatchesEmptyText_GoesOn() =>
        Splitters.Pieces(new RegexSplitter("x*"), "axx").ShouldBe(["a", "xx"]);

    private static bool Same(ITextSplitter splitter, string pattern, string text) =>
        Splitters.Pieces(splitter, text)
            .SequenceEqual(Regex.Matches(text, pattern, RegexOptions.CultureInvariant).Select(match => match.Value));
}
