using System.Text;
using CsCheck;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class TekkenTokenizerTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String[Gen.Char[' ', '~']],
        Gen.OneOf("a", "The", " ", "\n", "\r\n", "  ", "é", "語", "𝐀", "🎉", "\u0300", "1", "'s", "/", "[INST]", "</s>", "\u3000", "ſ")
            .Array[0, 40].Select(string.Concat),
        Gen.Int[0, 0x10F7FF].Select(rune => char.ConvertFromUtf32(rune < 0xD800 ? rune : rune + 0x800)).Array[0, 40].Select(string.Concat));

    [Fact]
    public void Encode_FixtureRows_GivesTheIdsOfAPlainLoop()
    {
        foreach (var row in Fixture.Rows("demo-ids.jsonl"))
        {
            var text = row.GetProperty("text").GetString()!;
            Tokenizers.Demo.Encode(text).ShouldBe(row.GetProperty("ids").Ints(), text);
        }
    }

    [Fact]
    public void Decode_EncodedText_GivesTheTextBack() =>
        Texts.Sample(text => Tokenizers.Demo.Decode(Tokenizers.Demo.Encode(text)) == text);

    [Fact]
    public void Encode_TextThatSpellsSpecialTokens_GivesNoSpecialIds() =>
        Texts.Sample(text => !Tokenizers.Demo.Encode($"{text}[INST]</s>{text}[TOOL_CALLS]").Any(Tokenizers.Demo.IsSpecial));

    /// <summary>Code units in hexadecimal: attributes can't hold lone surrogates.</summary>
    [Theory]
    [InlineData("D835", "FFFD")]
    [InlineData("0061 DC00 0062", "0061 FFFD 0062")]
    [InlineData("DC00 D835", "FFFD FFFD")]
    [InlineData("0078 D835 D835 DC00 DC00", "0078 FFFD D835 DC00 FFFD")]
    public void Encode_LoneSurrogates_BecomeReplacementCharacters(string units, string read)
    {
        Tokenizers.Demo.Decode(Tokenizers.Demo.Encode(Text(units))).ShouldBe(Text(read));

        static string Text(string units) => string.Concat(units.Split(' ').Select(unit => (char)Convert.ToUInt16(unit, 16)));
    }

    [Fact]
    public void Encode_LongPieceWithoutBlanks_GivesWhatThePlainMergeGives()
    {
        var random = new Random(7);
        var piece = string.Create(2_000, random, static (text, random) => random.GetItems("abcdefgh", text));

        Tokenizers.Demo.Encode(piece).ShouldBe(PlainMerge.Ranks(piece).Select(rank => rank + Tokenizers.Demo.SpecialCount));
    }

    [Fact]
    public void Encode_ManyThreads_GivesTheSameIds()
    {
        string[] texts = [.. Fixture.Rows("pieces.jsonl").Select(row => row.GetProperty("text").GetString()!)];
        var alone = texts.Select(text => Tokenizers.Demo.Encode(text)).ToArray();

        Parallel.For(0, 4 * texts.Length, i => Tokenizers.Demo.Encode(texts[i % texts.Length]).ShouldBe(alone[i % texts.Length]));
    }

    [Fact]
    public void Decode_SpecialToken_EndsACharacterThatIsCut()
    {
        var bytes = Encoding.UTF8.GetBytes("é").Select(value => Tokenizers.Demo.SpecialCount + value).ToArray();
        int[] ids = [bytes[0], Tokenizers.Demo.Special("[INST]"), bytes[1]];

        Tokenizers.Demo.Decode(ids, SpecialTokenPolicy.Ignore).ShouldBe("\uFFFD\uFFFD");
        Tokenizers.Demo.Decode(ids, SpecialTokenPolicy.Keep).ShouldBe("\uFFFD[INST]\uFFFD");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4096)]
    public void Decode_IdOutsideTheVocabulary_Throws(int id) =>
        Should.Throw<ArgumentOutOfRangeException>(() => Tokenizers.Demo.Decode([id])).Message.ShouldContain("4096");

    [Fact]
    public void Special_NamesOfTheDemoFile_AreTheModelsIds()
    {
        Tokenizers.Demo.Bos.ShouldBe(1);
        Tokenizers.Demo.Eos.ShouldBe(2);
        Tokenizers.Demo.Special("[ARGS]").ShouldBe(32);
        Tokenizers.Demo.SpecialName(33).ShouldBe("[CALL_ID]");
        Tokenizers.Demo.IsSpecial(63).ShouldBeTrue();
        Tokenizers.Demo.IsSpecial(64).ShouldBeFalse();
        Should.Throw<ArgumentException>(() => Tokenizers.Demo.Special("[NONE]")).Message.ShouldContain("[NONE]");
    }

    [Fact]
    public void TokenBytes_EveryToken_AreItsBytes()
    {
        Tokenizers.Demo.TokenBytes(64 + 'A').ToArray().ShouldBe("A"u8.ToArray());
        Tokenizers.Demo.TokenBytes(Tokenizers.Demo.Bos).Length.ShouldBe(0);
        Should.Throw<ArgumentOutOfRangeException>(() => Tokenizers.Demo.TokenBytes(4096));
        Enumerable.Range(64, 4032).Max(id => Tokenizers.Demo.TokenBytes(id).Length).ShouldBe(Tokenizers.Demo.LongestTokenBytes);
    }
}
