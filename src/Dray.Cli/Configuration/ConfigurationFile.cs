using System.Text;

namespace Dray.Cli.Configuration;

/// <summary>Reads a configuration file.</summary>
internal static class ConfigurationFile
{
    /// <summary>The largest file, in bytes.</summary>
    private const int MaxBytes = 256 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads <paramref name="path"/>. A relative <c>model</c>, <c>weight_cache</c>, <c>webhook_secret_file</c>, <c>api_keys_file</c> or folder of <c>store</c> is resolved against the
    /// file's folder.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="serves">Whether the command has an HTTP server, to which <c>host</c> and <c>port</c> apply.</param>
    /// <exception cref="CommandException">It can't be read, or something in it is wrong; the message names key, value and line.</exception>
    public static DrayConfiguration Read(string path, bool serves)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var configuration = new DrayConfiguration { Folder = folder };
        foreach (var (key, node) in YamlReader.Read(ReadText(path), path).Entries)
            ConfigurationKeys.Apply(configuration, key.Text, new ConfigurationValue($"{path}, line {key.Line}: ", key.Text, node), serves);
        if (configuration.BrokerCaFile is { } authority) configuration.BrokerCaFile = Path.Combine(folder, authority);
        if (configuration.BrokerCertificateFile is { } certificate) configuration.BrokerCertificateFile = Path.Combine(folder, certificate);
        if (configuration.Model is { } model) configuration.Model = Path.Combine(folder, model);
        if (configuration.WeightCache is { } cache) configuration.WeightCache = Path.Combine(folder, cache);
        if (configuration.Http.ApiKeysFile is { } keys) configuration.Http.ApiKeysFile = Path.Combine(folder, keys);
        if (configuration.Worker.WebhookSecretFile is { } secret) configuration.Worker.WebhookSecretFile = Path.Combine(folder, secret);

        // A container's URL has a scheme, a connection string pairs; anything else is a folder.
        if (configuration.Store is { } store && !store.Contains("://", StringComparison.Ordinal) && !store.Contains('=', StringComparison.Ordinal))
            configuration.Store = Path.Combine(folder, store);
        return configuration;
    }

    private static string ReadText(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count <= MaxBytes) return Utf8.GetString(bytes, 0, count).TrimStart('\uFEFF');
            throw new CommandException(ExitCode.Usage, $"{path} is larger than {MaxBytes / 1024} KiB, the most that a configuration may have.");
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException(ExitCode.Usage, $"{path} is not UTF-8 text; save it as UTF-8.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(ExitCode.Usage, $"The configuration {ConfigurationText.Quote(path)} can't be read: {exception.Message}");
        }
    }
}
