using Microsoft.Extensions.Logging;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// A folder of packed weights, a file for each checkpoint and layout. Nothing that happens to it keeps a model from loading: what can't be
/// used is named once and made anew, and what can't be written is done without.
/// </summary>
internal sealed class WeightCache(string folder, ThreadTeam team, ILogger logger)
{
    /// <summary>Opens the cache of a checkpoint, to be read if it is there and to be written if not.</summary>
    /// <param name="fingerprint">Identifies the checkpoint, hex.</param>
    public WeightCacheUse Open(string fingerprint)
    {
        var path = Path.Combine(Path.GetFullPath(folder), $"{fingerprint}-v{PackedPart.LayoutVersion}.weights");
        var reader = TryRead(path, fingerprint);
        return new WeightCacheUse(path, fingerprint, team, logger, reader, reader is null ? TryWrite(path) : null);
    }

    private CacheReader? TryRead(string path, string fingerprint)
    {
        try
        {
            if (File.Exists(path)) return new CacheReader(path, fingerprint, team);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The packed weights in {File} can't be used ({Reason}); they are made anew", path, exception.Message.TrimEnd('.'));
        }

        return null;
    }

    private CacheWriter? TryWrite(string path)
    {
        try
        {
            return new CacheWriter(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("Packed weights can't be kept in {File}: {Reason}", path, exception.Message);
            return null;
        }
    }
}
