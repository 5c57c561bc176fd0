using System.ComponentModel.DataAnnotations;
using System.Text;

namespace Dray.Worker.Events;

/// <summary>Where events are posted, and the key that signs them. Not a record: the key must not show where settings are printed.</summary>
internal sealed class WebhookSettings
{
    /// <summary>The variable that holds the secret.</summary>
    public const string SecretVariable = "DRAY_WEBHOOK_SECRET";

    /// <summary>The shortest key; the one that Standard Webhooks asks for.</summary>
    public const int LeastKeyBytes = 24;

    private const int MostSecretBytes = 4096;
    private const string Base64Prefix = "whsec_";

    private WebhookSettings(Uri url, byte[] key, bool includeProgress) => (Url, Key, IncludeProgress) = (url, key, includeProgress);

    /// <summary>Gets the address.</summary>
    public Uri Url { get; }

    /// <summary>Gets the key of the signature.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>Gets whether progress is posted too.</summary>
    public bool IncludeProgress { get; }

    /// <summary>Reads what options and the secret's variable or file say, or gives null where no address is set.</summary>
    /// <exception cref="ValidationException">The address is not allowed, or the secret is missing or too short.</exception>
    public static WebhookSettings? From(WorkerOptions options, Func<string, string?> readVariable)
    {
        if (options.WebhookUrl is not { } url) return null;
        if (!WebhookUrlAttribute.IsAllowed(url)) throw new ValidationException($"webhook_url must be {WebhookUrlAttribute.Rule}.");
        var (secret, source) = options.WebhookSecretFile is { } file
            ? (ReadFile(file), $"the file '{file}' (webhook_secret_file)")
            : (readVariable(SecretVariable), $"${SecretVariable}");
        if (string.IsNullOrEmpty(secret))
        {
            throw new ValidationException(
                $"webhook_url is set, but there is no secret to sign with in {source}; put one of at least {LeastKeyBytes} bytes there, such as the output of " +
                "'openssl rand -base64 32' after whsec_.");
        }

        return new WebhookSettings(new Uri(url), KeyOf(secret, source), options.WebhookProgress);
    }

    private static string ReadFile(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= MostSecretBytes
                ? File.ReadAllText(path).Trim()
                : throw new ValidationException($"webhook_secret_file '{path}' has {length} bytes; a secret has at most {MostSecretBytes}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ValidationException($"webhook_secret_file '{path}' can't be read: {e.Message}", e);
        }
    }

    // As Standard Webhooks writes secrets: whsec_ and base64; anything else is the key itself.
    private static byte[] KeyOf(string secret, string source)
    {
        byte[] key;
        if (secret.StartsWith(Base64Prefix, StringComparison.Ordinal))
        {
            key = new byte[secret.Length];
            if (!Convert.TryFromBase64String(secret[Base64Prefix.Length..], key, out var bytes))
                throw new ValidationException($"The webhook's secret in {source} begins with {Base64Prefix}, but what follows isn't base64.");
            key = key[..bytes];
        }
        else
        {
            key = Encoding.UTF8.GetBytes(secret);
        }

        return key.Length >= LeastKeyBytes
            ? key
            : throw new ValidationException($"The webhook's secret in {source} has {key.Length} bytes; use at least {LeastKeyBytes}.");
    }
}
