using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Http;

/// <summary>
/// Who is let in. The file is looked at again now and then, so that a key that was added or revoked counts without a restart; one that
/// can't be read then leaves things as they were.
/// </summary>
internal sealed class ApiKeys
{
    /// <summary>How long a change of the file may take to count.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private const int LongestKey = 512;
    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly ILogger<ApiKeys> _logger;
    private readonly Lock _gate = new();
    private volatile Entry[] _entries = [];
    private DateTime _written;
    private long _looked;

    /// <summary>Reads the keys.</summary>
    /// <exception cref="ValidationException">The file, or a line of it, can't be read.</exception>
    public ApiKeys(HttpApiOptions options, TimeProvider time, ILogger<ApiKeys> logger)
    {
        (_path, _time, _logger) = (options.ApiKeysFile, time, logger);
        if (_path is null) return;
        try
        {
            Load();
        }
        catch (Exception e) when (CannotBeRead(e))
        {
            throw new ValidationException($"The file of API keys can't be read: {e.Message}", e);
        }
    }

    /// <summary>Gets whether a key is needed; otherwise everyone is let in.</summary>
    public bool AreRequired => _path is not null;

    /// <summary>Whom a key stands for, or null where it isn't known or was revoked.</summary>
    public Tenant? Find(string key) => Match(key) is { } found ? new Tenant(found.Tenant) : null;

    /// <summary>The line of a key, or null. Takes the same time whichever line matches, and whether one does.</summary>
    public ApiKey? Match(string key)
    {
        return _path is null || key.Length > LongestKey ? null : MatchHash(ApiKeyFile.HashOf(key));
    }

    /// <summary>Whom the key with this SHA-256, in hex, stands for; or null where it isn't known or was revoked.</summary>
    public Tenant? FindHash(string sha256) => MatchHash(Convert.FromHexString(sha256)) is { } found ? new Tenant(found.Tenant) : null;

    private ApiKey? MatchHash(byte[] hash)
    {
        LookAgain();
        ApiKey? found = null;
        foreach (var entry in _entries)
        {
            if (CryptographicOperations.FixedTimeEquals(entry.Hash, hash)) found = entry.Key;
        }

        return found;
    }

    private static bool CannotBeRead(Exception e) => e is IOException or InvalidDataException or UnauthorizedAccessException;

    private void LookAgain()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_looked) < LookInterval) return;
            try
            {
                if (File.GetLastWriteTimeUtc(_path!) != _written) Load();
            }
            catch (Exception e) when (CannotBeRead(e))
            {
                _logger.LogError(e, "The API keys can't be read again, so those of before still count: {Reason}", e.Message);
            }

            _looked = _time.GetTimestamp();
        }
    }

    private void Load()
    {
        var written = File.GetLastWriteTimeUtc(_path!);
        _entries = [.. ApiKeyFile.Read(_path!).Where(key => !key.Disabled).Select(key => new Entry(Convert.FromHexString(key.Sha256), key))];
        (_written, _looked) = (written, _time.GetTimestamp());
    }

    private sealed record Entry(byte[] Hash, ApiKey Key);
}
