using System.Text;
using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

/// <summary>Every row that mistral-common's tokenizer was asked: the ids, pieces and texts must be the same.</summary>
public sealed class TekkenConformanceTests
{
    [Fact]
    public void Encode_EveryGoldenRow_GivesUpstreamsIds()
    {
        foreach (var row in GoldenFile.Rows("tekken", "encode.jsonl"))
        {
            var text = row.GetProperty("text").GetString()!;
            var ids = row.GetProperty("ids").Ints();
            Tokenizers.Full.Encode(text).ShouldBe(ids, text);
            Tokenizers.Full.Decode(ids).ShouldBe(text);
        }
    }

    [Fact]
    public void Merge_PiecesOfEveryGoldenRow_GivesUpstreamsIdsToo()
    {
        var table = TekkenChecks.Table(Tokenizers.FullPath, TekkenFileReader.Read(Tokenizers.FullPath), 130_072);
        var ids = new List<int>();
        foreach (var row in GoldenFile.Rows("tekken", "encode.jsonl"))
        {
            ids.Clear();
            var text = row.GetProperty("text").GetString()!;
            foreach (var piece in Splitters.Pieces(new TekkenSplitter(), text))
                BytePairMerger.Merge(table, Encoding.UTF8.GetBytes(piece), ids, offset: 1000);
            ids.ToArray().ShouldBe(row.GetProperty("ids").Ints(), text);
        }
    }

    [Fact]
    public void PieceEnd_EveryGoldenRow_CutsAsUpstream()
    {
        var splitter = new TekkenSplitter();
        foreach (var row in GoldenFile.Rows("tekken", "pretokenize.jsonl"))
            Splitters.Pieces(splitter, row.GetProperty("text").GetString()!).ShouldBe(row.GetProperty("pieces").Strings());
    }

    [Fact]
    public void Decode_EveryGoldenRow_GivesUpstreamsText()
    {
        foreach (var row in GoldenFile.Rows("tekken", "decode.jsonl"))
        {
            var ids = row.GetProperty("ids").Ints();
            Tokenizers.Full.Decode(ids, SpecialTokenPolicy.Ignore).ShouldBe(row.GetProperty("ignore").GetString());
            Tokenizers.Full.Decode(ids, SpecialTokenPolicy.Keep).ShouldBe(row.GetProperty("keep").GetString());
            var bytes = ids.SelectMany(id => Tokenizers.Full.IsSpecial(id)
                ? Encoding.UTF8.GetBytes(Tokenizers.Full.SpecialName(id))
                : Tokenizers.Full.TokenBytes(id).ToArray());
            bytes.ToArray().ShouldBe(row.GetProperty("bytes").GetBytesFromBase64());
        }
    }

    [Fact]
    public void Append_EveryGoldenRow_GivesThePiecesAsTheyCome()
    {
        foreach (var row in GoldenFile.Rows("tekken", "stream_decode.jsonl"))
        {
            var policy = row.GetProperty("policy").GetString() == "keep" ? SpecialTokenPolicy.Keep : SpecialTokenPolicy.Ignore;
            var detokenizer = new IncrementalDetokenizer(Tokenizers.Full, policy);
            row.GetProperty("ids").Ints().Select(detokenizer.Append).ShouldBe(row.GetProperty("pieces").Strings());
            detokenizer.Flush().ShouldBe(row.GetProperty("flush").GetString());
        }
    }

    [Fact]
    public void Load_EveryGoldenFile_IsTakenOrRefusedAsUpstream()
    {
        foreach (var row in GoldenFile.Rows("tekken", "loader.jsonl"))
        {
            var name = row.GetProperty("name").GetString()!;
            var expected = row.GetProperty("expected");
            using var file = new TemporaryFile(row.GetProperty("file").GetRawText());
            if (!expected.GetProperty("ok").GetBoolean())
            {
                if (row.TryGetProperty("lenient_ok", out _)) continue;
                var refusal = Should.Throw<TokenizerException>(() => TekkenTokenizer.Load(file.Path), name);
                refusal.Message.ShouldContain(file.Path);
                refusal.Message.ShouldContain(refusal.Key);
                continue;
            }

            var tokenizer = TekkenTokenizer.Load(file.Path);
            tokenizer.VocabularySize.ShouldBe(expected.GetProperty("vocab_size").GetInt32(), name);
            tokenizer.SpecialCount.ShouldBe(expected.GetProperty("num_special_tokens").GetInt32(), name);
            tokenizer.Version.ToString().ShouldBe(expected.GetProperty("version").GetString(), StringCompareShould.IgnoreCase);
            tokenizer.Image.ShouldBe(Image(expected.GetProperty("image")), name);
            (tokenizer.SpecialCount > 35 ? tokenizer.SpecialName(35) : null).ShouldBe(expected.GetProperty("special_35").GetString(), name);
            tokenizer.Encode("Hello, world! the 123").ShouldBe(expected.GetProperty("ids_of_Hello_world").Ints(), name);
        }
    }

    [Fact]
    public void Encode_WikiTextBySmolLm_Gives303415Ids()
    {
        var tokenizer = TekkenTokenizer.Load(SharedFolder.Require("models", "smollm2-135m", "tekken.json"));
        var text = File.ReadAllText(SharedFolder.Require("goldens", "eval", "wiki.test.raw"));

        var ids = tokenizer.Encode(text);

        ids.Length.ShouldBe(303_415);
        tokenizer.Note.ShouldBeNull();
        tokenizer.Decode(ids).ShouldBe(text);
    }

    [Theory]
    [InlineData("dray-demo-w4a16", TekkenVersion.V11, 4096)]
    [InlineData("tiny-mistral3/hd64-bf16", TekkenVersion.V7, 2048)]
    [InlineData("tiny-mistral3/hd64-w4a16", TekkenVersion.V7, 2048)]
    [InlineData("tiny-mistral3/hd128-w4a16", TekkenVersion.V7, 2048)]
    [InlineData("smollm2-135m", TekkenVersion.V3, 49_173)]
    public void Load_ModelFolder_HasItsVersionAndSize(string folder, TekkenVersion version, int size)
    {
        var tokenizer = TekkenTokenizer.Load(SharedFolder.Require("models", folder, "tekken.json"));

        tokenizer.Version.ShouldBe(version);
        tokenizer.VocabularySize.ShouldBe(size);
    }

    private static TekkenImageSettings? Image(JsonElement expected) =>
        expected.ValueKind == JsonValueKind.Null ? null : new(expected[0].GetInt32(), expected[1].GetInt32(), expected[2].GetInt32());
}
