using System.Text.Json.Serialization;

namespace Dray.Worker.Http;

/// <summary>A line of the file of API keys: whom a key stands for. The key itself isn't kept.</summary>
internal sealed record ApiKey
{
    /// <summary>Gets no key, where everyone is let in.</summary>
    public static ApiKey None { get; } = new() { Tenant = "", Sha256 = "" };

    /// <summary>Gets the tenant: lower-case letters, digits and <c>-</c>.</summary>
    [JsonPropertyName("tenant")]
    public required string Tenant { get; init; }

    /// <summary>Gets the SHA-256 of the key's text, 64 hex digits. Keys are random and long, so that a plain hash is enough.</summary>
    [JsonPropertyName("sha256")]
    public required string Sha256 { get; init; }

    /// <summary>Gets the most requests in a minute, or null for any number.</summary>
    [JsonPropertyName("requests_per_minute")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RequestsPerMinute { get; init; }

    /// <summary>Gets whether the key is not let in any more.</summary>
    [JsonPropertyName("disabled")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Disabled { get; init; }
}
