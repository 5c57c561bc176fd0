using System.Text.Json;
using System.Text.Unicode;

namespace Dray.Inference.Checkpoints;

/// <summary>An object of a JSON configuration file, whose values are read with their bounds. A JSON null counts as absent.</summary>
internal readonly struct ConfigSection
{
    private const int LongestFile = 16 << 20;

    private readonly string _file;
    private readonly string _path;

    private ConfigSection(string file, string path, JsonElement element)
    {
        _file = file;
        _path = path;
        Element = element;
    }

    /// <summary>Gets the object.</summary>
    public JsonElement Element { get; }

    /// <summary>Reads a file that holds one object.</summary>
    /// <exception cref="CheckpointException">The file can't be read, is too long, or is not such JSON.</exception>
    public static ConfigSection Load(string path, out byte[] bytes, int longest = LongestFile)
    {
        var file = Path.GetFileName(path);
        try
        {
            var length = new FileInfo(path).Length;
            if (length > longest)
                throw new CheckpointException($"{file}: the file has {length} bytes, expected at most {longest}.");
            bytes = File.ReadAllBytes(path);
            return Parse(file, bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{file}: the file can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads an object from memory.</summary>
    public static ConfigSection Parse(string file, ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
            throw new CheckpointException($"{file}: not valid JSON: the file is not encoded in UTF-8.");

        JsonElement root;
        try
        {
            var body = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            root = document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CheckpointException($"{file}: not valid JSON: {CheckpointException.Excerpt(exception.Message)}", exception);
        }

        if (root.ValueKind != JsonValueKind.Object)
            throw new CheckpointException($"{file}: the file holds a JSON {root.ValueKind}, expected an object.");
        return new ConfigSection(file, "", root);
    }

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => TryGet(key, out _);

    /// <summary>The value of a key that is there and not null.</summary>
    public bool TryGet(string key, out JsonElement value) =>
        Element.TryGetProperty(key, out value) && value.ValueKind is not JsonValueKind.Null;

    /// <summary>A nested object, or null.</summary>
    public ConfigSection? Section(string key)
    {
        if (!TryGet(key, out var value)) return null;
        if (value.ValueKind != JsonValueKind.Object) throw Refuse(key, "an object");
        return new ConfigSection(_file, _path.Length == 0 ? key : $"{_path}.{key}", value);
    }

    /// <summary>An integer within bounds.</summary>
    public int Integer(string key, int least, int most, int? absent = null)
    {
        if (!TryGet(key, out var value)) return absent ?? throw Missing(key);
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || number != Math.Floor(number) ||
            number < least || number > most)
        {
            throw Refuse(key, $"an integer from {least} to {most}");
        }

        return (int)number;
    }

    /// <summary>A finite number within bounds.</summary>
    public double Number(string key, double least, double most, double? absent = null)
    {
        if (!TryGet(key, out var value)) return absent ?? throw Missing(key);
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || !(number >= least && number <= most))
            throw Refuse(key, $"a number from {least} to {most}");
        return number;
    }

    /// <summary>A string.</summary>
    public string Text(string key, string? absent = null)
    {
        if (!TryGet(key, out var value)) return absent ?? throw Missing(key);
        return value.ValueKind == JsonValueKind.String ? StringOf(key, value) : throw Refuse(key, "a string");
    }

    /// <summary>A boolean.</summary>
    public bool Flag(string key, bool absent)
    {
        if (!TryGet(key, out var value)) return absent;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Refuse(key, "true or false"),
        };
    }

    /// <summary>A string cut at commas, an array of strings nested to any depth, or nothing.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var texts = new List<string>();
        if (TryGet(key, out var value)) Collect(key, value, texts);
        return texts;
    }

    /// <summary>An integer, an array of integers, or nothing.</summary>
    public IReadOnlyList<int> Integers(string key)
    {
        if (!TryGet(key, out var value)) return [];
        if (value.ValueKind != JsonValueKind.Array) return [IntegerOf(key, value)];
        var section = this;
        return [.. value.EnumerateArray().Select(item => section.IntegerOf(key, item))];
    }

    /// <summary>The keys of the object.</summary>
    public IReadOnlyList<string> Keys()
    {
        try
        {
            return [.. Element.EnumerateObject().Select(property => property.Name)];
        }
        catch (InvalidOperationException exception)
        {
            throw new CheckpointException($"{_file}: a key of {_path} is not well-formed text.", exception);
        }
    }

    /// <summary>Throws unless the key is absent, null or false, because it asks for what Dray does not compute.</summary>
    public void Forbid(string key, string why)
    {
        if (TryGet(key, out var value) && value.ValueKind != JsonValueKind.False) throw Refuse(key, $"null or false: {why}");
    }

    /// <summary>Throws unless the key has one of these values (or is absent, where a default is given).</summary>
    public void Demand(string key, string? absent, params ReadOnlySpan<string> known)
    {
        var text = Text(key, absent);
        if (!known.Contains(text)) throw Refuse(key, $"'{string.Join("' or '", known)}'");
    }

    /// <summary>The sentence that refuses a key's value.</summary>
    public CheckpointException Refuse(string key, string expected)
    {
        var found = TryGet(key, out var value) ? CheckpointException.Excerpt(value.GetRawText()) : "absent";
        return new($"{_file}: {Name(key)} is {found}, expected {expected}.");
    }

    private CheckpointException Missing(string key) => new($"{_file}: {Name(key)} is missing.");

    private string Name(string key) =>
        _path.Length == 0 ? CheckpointException.Excerpt(key) : $"{_path}.{CheckpointException.Excerpt(key)}";

    private string StringOf(string key, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Refuse(key, "well-formed text");
        }
    }

    private int IntegerOf(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0
            ? number
            : throw Refuse(key, "a token id or an array of token ids");

    private void Collect(string key, JsonElement value, List<string> texts)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    Collect(key, item, texts);
                break;
            case JsonValueKind.String:
                texts.AddRange(StringOf(key, value).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
                break;
            default:
                throw Refuse(key, "names: a string or an array of strings");
        }
    }
}
