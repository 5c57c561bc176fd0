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

    private readonly string _path;
    private readonly TekkenFile _file = new();
    private Utf8JsonReader _json;
    private string _key = "";

    private TekkenFileReader(string path, ReadOnlySpan<byte> content)
    {
        _path = path;
        _json = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 64 });
        _file.TokenBytes = new byte[Base64.GetMaxDecodedFromUtf8Length(content.Length)];
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
            throw new TokenizerException(path, reader._key, "JSON", $"not: {exception.Message}", exception);
        }

        return reader._file;
    }

    private void ReadRoot()
    {
        _key = "the file";
        _json.Read();
        Expect(JsonTokenType.StartObject, "an object");
        while (NextKey())
        {
            switch (_key)
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
                    _json.Skip();
                    break;
            }
        }

        _json.Read();
    }

    private void ReadConfig()
    {
        Expect(JsonTokenType.StartObject, "an object");
        while (NextKey())
        {
            var name = _key;
            _key = $"config.{name}";
            switch (name)
            {
                case "pattern":
                    _file.Pattern = Text();
                    break;
                case "version":
                    _file.Version = Text();
                    break;
                case "default_vocab_size":
                    _file.VocabularySize = Number();
                    break;
                case "default_num_special_tokens":
                    _file.SpecialCount = Number();
                    break;
                default:
                    _json.Skip();
                    break;
            }
        }
    }

    private void ReadVocabulary()
    {
        Expect(JsonTokenType.StartArray, "a list");
        _file.TokenEnds = new List<int>(150_000);
        _file.Ranks = new List<int>(150_000);
        var end = 0;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_file.Ranks.Count == MaxTokens) throw Wrong($"a list of at most {MaxTokens} entries", "longer");
            Expect(JsonTokenType.StartObject, "a list of objects");
            int? rank = null;
            var length = -1;
            while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
            {
                if (_json.ValueTextEquals("rank"u8))
                {
                    _json.Read();
                    if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt32(out var value)) throw InEntry("rank", "an integer");
                    rank = value;
                }
                else if (_json.ValueTextEquals("token_bytes"u8))
                {
                    _json.Read();
                    length = DecodeBase64(_file.TokenBytes.AsSpan(end));
                }
                else
                {
                    _json.Read();
                    _json.Skip();
                }
            }

            if (length < 0) throw InEntry("token_bytes", "given", "missing");
            end += length;
            _file.TokenEnds.Add(end);
            _file.Ranks.Add(rank ?? throw InEntry("rank", "given", "missing"));
        }

        _file.TokenBytes = _file.TokenBytes[..end];
    }

    private readonly int DecodeBase64(Span<byte> destination)
    {
        if (_json.TokenType != JsonTokenType.String) throw InEntry("token_bytes", "base64 in a string");
        var encoded = _json.ValueSpan;
        if (_json.ValueIsEscaped)
        {
            var unescaped = new byte[encoded.Length];
            encoded = unescaped.AsSpan(0, _json.CopyString(unescaped));
        }

        if (encoded.Length > MaxTokenBytes * 4 / 3) throw InEntry("token_bytes", $"at most {MaxTokenBytes} bytes", "longer");
        var status = Base64.DecodeFromUtf8(encoded, destination, out _, out var length);
        if (status != System.Buffers.OperationStatus.Done || length == 0) throw InEntry("token_bytes", "base64 of at least one byte");
        return length;
    }

    private void ReadSpecialTokens()
    {
        if (_json.TokenType == JsonTokenType.Null) return;
        Expect(JsonTokenType.StartArray, "a list");
        _file.SpecialTokens = [];
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_file.SpecialTokens.Count == MaxSpecialTokens) throw Wrong($"a list of at most {MaxSpecialTokens} entries", "longer");
            Expect(JsonTokenType.StartObject, "a list of objects");
            int? rank = null;
            string? text = null;
            while (NextKey())
            {
                var name = _key;
                _key = $"special_tokens[{_file.SpecialTokens.Count}].{name}";
                if (name == "rank") rank = Number();
                else if (name == "token_str") text = Text();
                else _json.Skip();
            }

            _key = $"special_tokens[{_file.SpecialTokens.Count}]";
            if (rank is null || text is null) throw Wrong("an object with rank and token_str", "one without");
            _file.SpecialTokens.Add((rank.Value, text));
        }
    }

    private void ReadImage()
    {
        if (_json.TokenType == JsonTokenType.Null) return;
        if (_file.ImageKey is { } other) throw Wrong($"absent where '{other}' is given", "there too");
        _file.ImageKey = _key;
        Expect(JsonTokenType.StartObject, "an object");
        while (NextKey())
        {
            var name = _key;
            _key = $"{_file.ImageKey}.{name}";
            if (name == "image_patch_size") _file.ImagePatchSize = Number();
            else if (name == "max_image_size") _file.ImageMaxSize = Number();
            else if (name == "spatial_merge_size") _file.ImageMergeSize = Number();
            else _json.Skip();
        }
    }

    /// <summary>Goes to the next property's value and sets the key; false at the object's end.</summary>
    private bool NextKey()
    {
        _json.Read();
        if (_json.TokenType != JsonTokenType.PropertyName) return false;
        _key = _json.GetString()!;
        _json.Read();
        return true;
    }

    private readonly string Text() => _json.TokenType == JsonTokenType.String ? _json.GetString()! : throw Wrong("a string", Found);

    private readonly int Number() =>
        _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out var value) ? value : throw Wrong("an integer", Found);

    private readonly void Expect(JsonTokenType type, string what)
    {
        if (_json.TokenType != type) throw Wrong(what, Found);
    }

    private readonly string Found => _json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number out of range or with a fraction",
        JsonTokenType.Null => "null",
        _ => "another value",
    };

    private readonly TokenizerException Wrong(string expected, string found) => new(_path, _key, expected, found);

    private readonly TokenizerException InEntry(string name, string expected, string found = "something else") =>
        new(_path, $"vocab[{_file.Ranks.Count}].{name}", expected, found);
}
