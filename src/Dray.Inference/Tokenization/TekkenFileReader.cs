using System.Buffers.Text;
using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Reads a tekken.json in one pass without building a document: the file is tens of megabytes, most of it vocabulary. Keys it
/// doesn't know are skipped.
/// </summary>
internal ref struct TekkenFileReader
{
    private const int MaxFileBytes = 64 << 20;
    private const int MaxTokens = 2_000_000;
    private const int MaxTokenBytes = 8_192;
    private const int MaxSpecialTokens = 100_000;

    private readonly string path;
    private readonly TekkenFile file = new();
    private Utf8JsonReader json;
    private string key = "";

    private TekkenFileReader(string path, ReadOnlySpan<byte> content)
    {
        this.path = path;
        json = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 64 });
        file.TokenBytes = new byte[Base64.GetMaxDecodedFromUtf8Length(content.Length)];
    }

    /// <summary>Reads a file of at most 64 MB.</summary>
    /// <exception cref="TokenizerException">The file is missing, too large, or not of the form expected.</exception>
    public static TekkenFile Read(string path)
    {
        byte[] content;
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxFileBytes)
                throw new TokenizerException(path, "the file", $"at most {MaxFileBytes} bytes long", $"{stream.Length} bytes long");
            content = new byte[stream.Length];
            stream.ReadExactly(content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException(path, "the file", "readable", $"not: {exception.Message}", exception);
        }

        var reader = new TekkenFileReader(path, content);
        try
        {
            reader.ReadRoot();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new TokenizerException(path, reader.key, "JSON", $"not: {exception.Message}", exception);
        }

        return reader.file;
    }

    private void ReadRoot()
    {
        key = "the file";
        json.Read();
        Expect(JsonTokenType.StartObject, "an object");
        while (NextKey())
        {
            switch (key)
            {
                case "config":
                    ReadConfig();
                    break;
                case "vocab":
                    ReadVocabulary();
                    break;
                case "special_tokens":
                    ReadSpecialTokens();
                    break;
                case "image" or "multimodal":
                    ReadImage();
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        json.Read();
    }

    private void ReadConfig()
    {
        Expect(JsonTokenType.StartObject, "an object");
        while (NextKey())
        {
            var name = key;
            key = $"config.{name}";
            switch (name)
            {
                case "pattern":
                    file.Pattern = Text();
                    break;
                case "version":
                    file.Version = Text();
                    break;
                case "default_vocab_size":
                    file.VocabularySize = Number();
                    break;
                case "default_num_special_tokens":
                    file.SpecialCount = Number();
                    break;
                default:
                    json.Skip();
                    break;
            }
        }
    }

    private void ReadVocabulary()
    {
        Expect(JsonTokenType.StartArray, "a list");
        file.TokenEnds = new List<int>(150_000);
        file.Ranks = new List<int>(150_000);
        var end = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (file.Ranks.Count == MaxTokens) throw Wrong($"a list of at most {MaxTokens} entries", "longer");
            Expect(JsonTokenType.StartObject, "a list of objects");
            int? rank = null;
            var length = -1;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("rank"u8))
                {
                    json.Read();
                    if (json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out var value)) throw InEntry("rank", "an integer");
                    rank = value;
                }
                else if (json.ValueTextEquals("token_bytes"u8))
                {
                    json.Read();
                    length = DecodeBase64(file.TokenBytes.AsSpan(end));
                }
                else
                {
                    json.Read();
                    json.Skip();
                }
            }

            if (length < 0) throw InEntry("token_bytes", "given", "missing");
            end += length;
            file.TokenEnds.Add(end);
            file.Ranks.Add(rank ?? throw InEntry("rank", "given", "missing"));
        }

        file.TokenBytes = file.TokenBytes[..end];
    }

    private readonly int DecodeBase64(Span<byte> destination)
    {
        if (json.TokenType != JsonTokenType.String) throw InEntry("token_bytes", "base64 in a string");
        var encoded = json.ValueSpan;
        if (json.ValueIsEscaped)
        {
            var unescaped = new byte[encoded.Length];
            encoded = unescaped.AsSpan(0, json.CopyString(unescaped));
        }

        if (encoded.Length > MaxTokenBytes * 4 / 3) throw InEntry("token_bytes", $"at most {MaxTokenBytes} bytes", "longer");
        var status = Base64.DecodeFromUtf8(encoded, destination, out _, out var length);
        if (status != System.Buffers.OperationStatus.Done || length == 0) throw InEntry("token_bytes", "base64 of at least one byte");
        return length;
    }

    private void ReadSpecialTokens()
    {
        if (json.TokenType == JsonTokenType.Null) return;
        Expect(JsonTokenType.StartArray, "a list");
        file.SpecialTokens = [];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (file.SpecialTokens.Count == MaxSpecialTokens) throw Wrong($"a list of at most {MaxSpecialTokens} entries", "longer");
            Expect(JsonTokenType.StartObject, "a list of objects");
            int? rank = null;
            string? text = null;
            while (NextKey())
            {
                var name = key;
                key = $"special_tokens[{file.SpecialTokens.Count}].{name}";
                if (name == "rank") rank = Number();
                else if (name == "token_str") text = Text();
                else json.Skip();
            }

            key = $"special_tokens[{file.SpecialTokens.Count}]";
            if (rank is null || text is null) throw Wrong("an object with rank and token_str", "one without");
            file.SpecialTokens.Add((rank.Value, text));
        }
    }

    private void ReadImage()
    {
        if (json.TokenType == JsonTokenType.Null) return;
        if (file.ImageKey is { } other) throw Wrong($"absent where '{other}' is given", "there too");
        file.ImageKey = key;
        Expect(JsonTokenType.StartObject, "an object");
        while (NextKey())
        {
            var name = key;
            key = $"{file.ImageKey}.{name}";
            if (name == "image_patch_size") file.ImagePatchSize = Number();
            else if (name == "max_image_size") file.ImageMaxSize = Number();
            else if (name == "spatial_merge_size") file.ImageMergeSize = Number();
            else json.Skip();
        }
    }

    /// <summary>Goes to the next property's value and sets the key; false at the object's end.</summary>
    private bool NextKey()
    {
        json.Read();
        if (json.TokenType != JsonTokenType.PropertyName) return false;
        key = json.GetString()!;
        json.Read();
        return true;
    }

    private readonly string Text() => json.TokenType == JsonTokenType.String ? json.GetString()! : throw Wrong("a string", Found);

    private readonly int Number() =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt32(out var value) ? value : throw Wrong("an integer", Found);

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (json.TokenType != type) throw Wrong(what, Found);
    }

    private readonly string Found => json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number out of range or with a fraction",
        JsonTokenType.Null => "null",
        _ => "another value",
    };

    private readonly TokenizerException Wrong(string expected, string found) => new(path, key, expected, found);

    private readonly TokenizerException InEntry(string name, string expected, string found = "something else") =>
        new(path, $"vocab[{file.Ranks.Count}].{name}", expected, found);
}
