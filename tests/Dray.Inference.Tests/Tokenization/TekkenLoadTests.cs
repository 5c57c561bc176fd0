using System.Text.Json.Nodes;
using Dray.Inference.Tokenization;
using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Tokenization;

/// <summary>The demo model's file with one thing changed.</summary>
public sealed class TekkenLoadTests
{
    [Fact]
    public void Load_DemoFile_ReadsItsConfiguration()
    {
        Tokenizers.Demo.Version.ShouldBe(TekkenVersion.V11);
        Tokenizers.Demo.VocabularySize.ShouldBe(4096);
        Tokenizers.Demo.SpecialCount.ShouldBe(64);
        Tokenizers.Demo.Image.ShouldBe(new ImageSpec(PatchSize: 14, MaxSize: 1024, MergeSize: 2));
        Tokenizers.Demo.Note.ShouldBeNull();
    }

    [Theory]
    [InlineData("no version", "config.version")]
    [InlineData("version v99", "config.version")]
    [InlineData("version v15", "config.version")]
    [InlineData("no pattern", "config.pattern")]
    [InlineData("bad pattern", "config.pattern")]
    [InlineData("no vocabulary size", "config.default_vocab_size")]
    [InlineData("vocabulary size is text", "config.default_vocab_size")]
    [InlineData("negative vocabulary size", "config.default_vocab_size")]
    [InlineData("vocabulary too short", "vocab")]
    [InlineData("no vocabulary", "vocab")]
    [InlineData("rank gap", "vocab[300].rank")]
    [InlineData("rank missing", "vocab[300].rank")]
    [InlineData("not base64", "vocab[300].token_bytes")]
    [InlineData("empty token", "vocab[300].token_bytes")]
    [InlineData("duplicate token", "vocab[301].token_bytes")]
    [InlineData("bytes out of order", "vocab[65].token_bytes")]
    [InlineData("special twice", "special_tokens[5].token_str")]
    [InlineData("special rank twice", "special_tokens[5].rank")]
    [InlineData("no specials", "special_tokens")]
    [InlineData("specials too many", "special_tokens")]
    [InlineData("no [CALL_ID]", "special_tokens")]
    [InlineData("patch size zero", "image.image_patch_size")]
    [InlineData("no image size", "image.max_image_size")]
    [InlineData("both image sections", "multimodal")]
    [InlineData("v13 with multimodal", "multimodal")]
    [InlineData("list", "the file")]
    public void Load_DamagedFile_NamesFileAndKey(string damage, string key)
    {
        using var file = new TemporaryFile(Damaged(damage));

        var refusal = Should.Throw<TokenizerException>(() => TekkenTokenizer.Load(file.Path));

        refusal.Key.ShouldBe(key);
        refusal.File.ShouldBe(file.Path);
        refusal.Message.ShouldContain(file.Path);
        refusal.Message.ShouldContain($"'{key}'");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"config\": {\"version\": \"v11\"")]
    [InlineData("{\"vocab\": [{\"rank\": 0, \"token_bytes\": \"\\x\"}]}")]
    public void Load_NotJson_IsRefused(string content)
    {
        using var file = new TemporaryFile(content);
        Should.Throw<TokenizerException>(() => TekkenTokenizer.Load(file.Path)).Message.ShouldContain("JSON");
    }

    [Fact]
    public void Load_MissingFile_IsRefused() =>
        Should.Throw<TokenizerException>(() => TekkenTokenizer.Load("/nowhere/tekken.json")).Message.ShouldContain("/nowhere/tekken.json");

    [Fact]
    public void Load_HugeFile_IsRefusedUnread()
    {
        using var file = new TemporaryFile("");
        using (var stream = File.OpenWrite(file.Path)) stream.SetLength((64L << 20) + 1);
        Should.Throw<TokenizerException>(() => TekkenTokenizer.Load(file.Path)).Message.ShouldContain("67108864");
    }

    [Fact]
    public void Load_UnknownPattern_FallsBackWithANote()
    {
        using var file = new TemporaryFile(Damaged("plain pattern"));
        var tokenizer = TekkenTokenizer.Load(file.Path);

        tokenizer.Note.ShouldNotBeNull().ShouldContain("pattern");
        tokenizer.Decode(tokenizer.Encode("two words, 123")).ShouldBe("two words, 123");
    }

    [Fact]
    public void Load_KeysInAnotherOrderAndUnknownOnes_IsTheSame()
    {
        using var file = new TemporaryFile(Damaged("reversed"));
        TekkenTokenizer.Load(file.Path).Encode("Hello, world!").ShouldBe(Tokenizers.Demo.Encode("Hello, world!"));
    }

    [Fact]
    public void Load_V7WithoutSpecialTokens_HasTheOldOnes()
    {
        using var file = new TemporaryFile(Damaged("v7 without specials"));
        var tokenizer = TekkenTokenizer.Load(file.Path);

        tokenizer.Special("[TOOL_CONTENT]").ShouldBe(19);
        tokenizer.SpecialName(20).ShouldBe("<SPECIAL_20>");
    }

    private static string Damaged(string damage)
    {
        var root = JsonNode.Parse(File.ReadAllText(Tokenizers.DemoPath))!.AsObject();
        var config = root["config"]!.AsObject();
        var vocab = root["vocab"]!.AsArray();
        var specials = root["special_tokens"]!.AsArray();
        var image = root["image"]!.AsObject();
        switch (damage)
        {
            case "no version": config.Remove("version"); break;
            case "version v99": config["version"] = "v99"; break;
            case "version v15": config["version"] = "v15"; break;
            case "no pattern": config.Remove("pattern"); break;
            case "bad pattern": config["pattern"] = "(["; break;
            case "plain pattern": config["pattern"] = @"\w+|\W"; break;
            case "no vocabulary size": config.Remove("default_vocab_size"); break;
            case "vocabulary size is text": config["default_vocab_size"] = "4096"; break;
            case "negative vocabulary size": config["default_vocab_size"] = -1; break;
            case "vocabulary too short": config["default_vocab_size"] = 5000; break;
            case "no vocabulary": root.Remove("vocab"); break;
            case "rank gap": vocab[300]!["rank"] = 301; break;
            case "rank missing": vocab[300]!.AsObject().Remove("rank"); break;
            case "not base64": vocab[300]!["token_bytes"] = "*"; break;
            case "empty token": vocab[300]!["token_bytes"] = ""; break;
            case "duplicate token": vocab[301]!["token_bytes"] = vocab[300]!["token_bytes"]!.GetValue<string>(); break;
            case "bytes out of order": vocab[65]!["token_bytes"] = "AAE="; break;
            case "special twice": specials[5]!["token_str"] = "<s>"; break;
            case "special rank twice": specials[5]!["rank"] = 4; break;
            case "no specials": root.Remove("special_tokens"); break;
            case "specials too many": config["default_num_special_tokens"] = 20; config["default_vocab_size"] = 4052; break;
            case "no [CALL_ID]": specials[33]!["token_str"] = "[OTHER]"; break;
            case "patch size zero": image["image_patch_size"] = 0; break;
            case "no image size": image.Remove("max_image_size"); break;
            case "both image sections": root["multimodal"] = image.DeepClone(); break;
            case "v13 with multimodal": config["version"] = "v13"; root.Remove("image"); root["multimodal"] = image.DeepClone(); break;
            case "v7 without specials": config["version"] = "v7"; root.Remove("special_tokens"); break;
            case "list": return "[]";
            case "reversed": return Reversed(root).ToJsonString();
            default: throw new ArgumentOutOfRangeException(nameof(damage), damage, null);
        }

        return root.ToJsonString();
    }

    private static JsonObject Reversed(JsonObject root) => new(root.Reverse()
        .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))
        .Append(new("extra", new JsonArray(1, 2))));
}
