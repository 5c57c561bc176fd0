using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Dray.Worker.Client;

namespace Dray.Worker.Http;

/// <summary>The file of API keys: one JSON object a line, of which only the hashes of the keys are secret-free enough to lie there.</summary>
internal static partial class ApiKeyFile
{
    private const string Prefix = "dray-";
    private const int KeyBytes = 32;
    private const int MaxBytes = 16 * 1024 * 1024;

    private static readonly JsonSerializerOptions Json = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>Makes a key's text: 256 random bits.</summary>
    public static string NewKey() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>The hash of a key's text.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>Whether a text can name a tenant. Ids that are no tenant's begin with one word, which is none.</summary>
    public static bool IsTenant(string text) => text != BatchIdentity.Prefix && TenantName().IsMatch(text);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">A line can't be read; the message names it.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static IReadOnlyList<ApiKey> Read(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaxBytes) throw new InvalidDataException($"{path} is larger than {MaxBytes >> 20} MiB, the most that a file of API keys may have.");
        using var reader = new StreamReader(file);
        var keys = new List<ApiKey>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line)) keys.Add(Parse(line, $"{path}, line {number}"));
        }

        return keys;
    }

    /// <summary>Adds a key's line at the end of a file, which is made where there is none, to be read by its owner only.</summary>
    public static void Append(string path, ApiKey key)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        var needsEnd = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n';
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.UTF8.GetBytes($"{(needsEnd ? "\n" : "")}{Line(key)}\n"));
    }

    /// <summary>Replaces a file by one with these keys, all at once.</summary>
    public static void Write(string path, IEnumerable<ApiKey> keys)
    {
        var draft = path + ".new";
        File.Delete(draft);
        foreach (var key in keys) Append(draft, key);
        File.Move(draft, path, overwrite: true);
    }

    private static string Line(ApiKey key) => JsonSerializer.Serialize(key, Json);

    private static ApiKey Parse(string line, string place)
    {
        ApiKey key;
        try
        {
            key = JsonSerializer.Deserialize<ApiKey>(line, Json) ?? throw new JsonException("null is no key.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{place}: this isn't an API key's JSON object with tenant and sha256; make keys with 'dray api-key create'. {e.Message}", e);
        }

        if (!IsTenant(key.Tenant)) throw new InvalidDataException($"{place}: the tenant must be 1 to 32 of a-z 0-9 -, beginning with a letter or digit, and not 'batch'.");
        if (!Hash().IsMatch(key.Sha256)) throw new InvalidDataException($"{place}: sha256 must be 64 hex digits; make keys with 'dray api-key create'.");
        if (key.RequestsPerMinute is < 1) throw new InvalidDataException($"{place}: requests_per_minute is {key.RequestsPerMinute}; set 1 or more, or leave it out.");
        return key;
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TenantName();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();
}
