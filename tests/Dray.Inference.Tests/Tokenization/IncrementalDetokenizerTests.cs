using CsCheck;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class IncrementalDetokenizerTests
{
    private static readonly Gen<int[]> Ids = Gen.OneOf(
        Gen.Int[0, 4095].Array[0, 60],
        Gen.OneOf(
            Gen.OneOf(0x41, 0xC3, 0xA9, 0xE0, 0xE4, 0xB8, 0xAD, 0xED, 0xA0, 0xF0, 0x9F, 0x98, 0x80, 0xF4, 0xFF).Select(value => 64 + value),
            Gen.Const(3)).Array[0, 30]);

    [Fact]
    public void Append_AnyIds_JoinedIsTheWholeText() => Ids.Sample(ids =>
    {
        foreach (var policy in new[] { SpecialTokenPolicy.Ignore, SpecialTokenPolicy.Keep })
        {
            var detokenizer = new IncrementalDetokenizer(Tokenizers.Demo, policy);
            var joined = string.Concat(ids.Select(detokenizer.Append)) + detokenizer.Flush();
            joined.ShouldBe(Tokenizers.Demo.Decode(ids, policy));
        }
    });

    [Theory]
    [InlineData("F0 9F 98 80", "|||😀", "")]
    [InlineData("E4 B8 61", "||\uFFFDa", "")]
    [InlineData("E0 80 80", "|\uFFFD\uFFFD|\uFFFD", "")]
    [InlineData("ED A0 80", "||\uFFFD\uFFFD\uFFFD", "")]
    [InlineData("E4 E4 B8 AD", "|\uFFFD||中", "")]
    [InlineData("C0 80", "\uFFFD|\uFFFD", "")]
    [InlineData("61 E2 82", "a||", "\uFFFD")]
    public void Append_BytesOneByOne_HoldsBackUnfinishedCharacters(string bytes, string pieces, string flush)
    {
        var detokenizer = new IncrementalDetokenizer(Tokenizers.Demo);
        var appended = bytes.Split(' ').Select(hex => detokenizer.Append(64 + Convert.ToInt32(hex, 16)));

        string.Join('|', appended).ShouldBe(pieces);
        detokenizer.Flush().ShouldBe(flush);
        detokenizer.Flush().ShouldBe("");
    }

    [Fact]
    public void Append_SpecialToken_EndsWhatIsHeldBack()
    {
        var detokenizer = new IncrementalDetokenizer(Tokenizers.Demo, SpecialTokenPolicy.Keep);

        detokenizer.Append(64 + 0xF0).ShouldBe("");
        detokenizer.Append(Tokenizers.Demo.Special("[INST]")).ShouldBe("\uFFFD[INST]");
        detokenizer.Flush().ShouldBe("");
    }

    [Fact]
    public void Append_NothingCompleted_AllocatesNothing()
    {
        var detokenizer = new IncrementalDetokenizer(Tokenizers.Demo);
        detokenizer.Append(64 + 0xF0);
        detokenizer.Flush();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var text = detokenizer.Append(64 + 0xF0);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        text.ShouldBeEmpty();
        allocated.ShouldBe(0);
    }
}
