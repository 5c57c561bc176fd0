using System.Globalization;
using Dray.Inference.Vision;

namespace Dray.Inference.Tokenization;

/// <summary>Judges what a tekken.json says, as mistral-common does, and builds the tokenizer's parts from it.</summary>
internal static class TekkenChecks
{
    private const int BytesFirst = 256;
    private const int MaxVocabularySize = 2_000_000;

    public static TekkenVersion Version(string path, TekkenFile file) => file.Version switch
    {
        "v3" => TekkenVersion.V3,
        "v7" => TekkenVersion.V7,
        "v11" => TekkenVersion.V11,
        "v13" => TekkenVersion.V13,
        var other => throw new TokenizerException(path, "config.version", "v3, v7, v11 or v13", other is null ? "missing" : $"'{other}'"),
    };

    public static (int VocabularySize, int SpecialCount) Sizes(string path, TekkenFile file)
    {
        var size = file.VocabularySize ?? throw new TokenizerException(path, "config.default_vocab_size", "an integer", "missing");
        var specials = file.SpecialCount
            ?? throw new TokenizerException(path, "config.default_num_special_tokens", "an integer", "missing");
        var entries = file.TokenEnds?.Count ?? throw new TokenizerException(path, "vocab", "a list", "missing");
        if (size is < BytesFirst or > MaxVocabularySize)
            throw Number(path, "config.default_vocab_size", $"{BytesFirst} to {MaxVocabularySize}", size);
        if (specials < 0 || specials > size - BytesFirst)
        {
            throw Number(
                path, "config.default_num_special_tokens", $"0 to default_vocab_size - {BytesFirst} ({size - BytesFirst})", specials);
        }

        if (size - specials > entries)
        {
            throw new TokenizerException(
                path,
                "vocab",
                $"at least default_vocab_size - default_num_special_tokens ({size - specials}) entries long",
                $"{entries} long");
        }

        return (size, specials);
    }

    public static ImageSpec? Image(string path, TekkenFile file, TekkenVersion version)
    {
        if (file.ImageKey is not { } key) return null;
        if (key == "multimodal" && version > TekkenVersion.V11)
            throw new TokenizerException(path, key, "called 'image' for version v13 and later", "'multimodal'");
        return new ImageSpec(
            Positive("image_patch_size", file.ImagePatchSize),
            Positive("max_image_size", file.ImageMaxSize),
            Positive("spatial_merge_size", file.ImageMergeSize ?? 1));

        int Positive(string name, int? value)
        {
            if (value is > 0 and <= ushort.MaxValue) return value.Value;
            throw new TokenizerException(
                path, $"{key}.{name}", $"1 to {ushort.MaxValue}", value?.ToString(CultureInfo.InvariantCulture) ?? "missing");
        }
    }

    public static TokenTable Table(string path, TekkenFile file, int count)
    {
        var ranks = file.Ranks;
        for (var rank = 0; rank < count; rank++)
        {
            if (ranks[rank] != rank) throw Number(path, $"vocab[{rank}].rank", rank.ToString(CultureInfo.InvariantCulture), ranks[rank]);
        }

        var table = new TokenTable(file.TokenBytes, [.. file.TokenEnds!], count, out var duplicate);
        if (duplicate >= 0)
            throw new TokenizerException(path, $"vocab[{duplicate}].token_bytes", "unique", "the same as an earlier entry's");
        for (var rank = 0; rank < BytesFirst; rank++)
        {
            if (table[rank] is not [var value] || value != rank)
            {
                throw new TokenizerException(
                    path, $"vocab[{rank}].token_bytes", $"the single byte {rank}", Convert.ToHexString(table[rank]));
            }
        }

        return table;
    }

    public static ITextSplitter Splitter(string path, TekkenFile file)
    {
        switch (file.Pattern)
        {
            case null:
                throw new TokenizerException(path, "config.pattern", "a regular expression", "missing");
            case TekkenSplitter.Pattern:
                return new TekkenSplitter();
            case ContractionSplitter.Pattern:
                return new ContractionSplitter();
            default:
                try
                {
                    return new RegexSplitter(file.Pattern);
                }
                catch (ArgumentException exception)
                {
                    throw new TokenizerException(
                        path, "config.pattern", "a regular expression that .NET understands", $"not: {exception.Message}", exception);
                }
        }
    }

    private static TokenizerException Number(string path, string key, string expected, int found) =>
        new(path, key, expected, found.ToString(CultureInfo.InvariantCulture));
}
