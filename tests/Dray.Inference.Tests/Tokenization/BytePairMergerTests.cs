using System.Text;
using CsCheck;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class BytePairMergerTests
{
    private static readonly TokenTable Table = TekkenChecks.Table(
        Tokenizers.DemoPath, TekkenFileReader.Read(Tokenizers.DemoPath), Tokenizers.Demo.VocabularySize - Tokenizers.Demo.SpecialCount);

    [Fact]
    public void Merge_AnyPiece_GivesWhatThePlainLoopGives() =>
        Gen.OneOf(
            Gen.String[Gen.Char['a', 'e'], 1, 60],
            Gen.String[Gen.Char[' ', '~'], 1, 60],
            Gen.OneOf("th", "e ", "ing", "é", "語", "  ").Array[1, 20].Select(string.Concat))
            .Sample(piece => Merge(piece).SequenceEqual(PlainMerge.Ranks(piece)));

    [Fact]
    public void Merge_OneByte_IsItsRank() => Merge("A").ShouldBe(['A']);

    [Fact]
    public void Merge_MegabyteOfOneLetter_CoversEveryByte() =>
        Merge(new string('z', 1_000_000)).Sum(rank => Table[rank].Length).ShouldBe(1_000_000);

    private static List<int> Merge(string piece)
    {
        var ranks = new List<int>();
        BytePairMerger.Merge(Table, Encoding.UTF8.GetBytes(piece), ranks, offset: 0);
        return ranks;
    }
}
