namespace Dray.Worker.Storage;

/// <summary>The settings of an Azure connection string: <c>name=value</c>, separated by <c>;</c>. As a text it shows no secret.</summary>
internal sealed class ConnectionSettings
{
    private static readonly string[] Known =
    [
        "UseDevelopmentStorage", "DevelopmentStorageProxyUri", "DefaultEndpointsProtocol", "AccountName", "AccountKey", "BlobEndpoint",
        "QueueEndpoint", "TableEndpoint", "FileEndpoint", "SharedAccessSignature", "EndpointSuffix", "Container",
    ];

    private static readonly string[] Shown = ["UseDevelopmentStorage", "DefaultEndpointsProtocol", "AccountName", "EndpointSuffix", "Container"];
    private readonly (string Name, string Value)[] _settings;

    private ConnectionSettings((string, string)[] settings) => _settings = settings;

    /// <summary>Gets a setting, or null where there is none.</summary>
    public string? this[string name] =>
        _settings.Where(setting => Is(setting.Name, name)).Select(setting => setting.Value).FirstOrDefault();

    /// <summary>Reads a connection string; null where the text is something else.</summary>
    public static ConnectionSettings? TryParse(string text)
    {
        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Cut).ToArray();
        return Array.Exists(parts, part => Array.Exists(Known, name => Is(part.Name, name))) ? new ConnectionSettings(parts) : null;
    }

    /// <summary>The connection string again, without one setting and with another replaced, if there is something to replace it by.</summary>
    public string Join(string without, string replace, string? by) => string.Concat(
        _settings.Where(setting => !Is(setting.Name, without))
            .Select(setting => $"{setting.Name}={(Is(setting.Name, replace) && by is not null ? by : setting.Value)};"));

    /// <summary>The settings, with stars for the values of all that may be secret.</summary>
    public override string ToString() => string.Join(
        ';', _settings.Select(setting => $"{setting.Name}={(Array.Exists(Shown, name => Is(setting.Name, name)) ? setting.Value : "***")}"));

    private static (string Name, string Value) Cut(string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);

        // A piece of a key that was cut by accident has no name.
        return equals < 0 ? ("***", part) : (part[..equals].Trim(), part[(equals + 1)..].Trim());
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
