using Dray.Inference.Checkpoints;
using Microsoft.Extensions.Logging;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What a cache of packed weights does for one load: hands matrices out, or keeps those that are packed.</summary>
internal sealed class WeightCacheUse(string path, string fingerprint, ThreadTeam team, ILogger logger, CacheReader? reader, CacheWriter? writer) : IDisposable
{
    private CacheWriter? _writer = writer;

    /// <summary>The packed parts of a matrix, or null where the cache lacks one of them.</summary>
    public PackedPart[]? Find(IReadOnlyList<LinearSource> sources)
    {
        if (reader is null) return null;
        var parts = sources.Select(reader.Find).OfType<PackedPart>().ToArray();
        if (parts.Length == sources.Count) return parts;
        foreach (var part in parts) part.Dispose();
        return null;
    }

    /// <summary>Keeps the packed parts of a matrix.</summary>
    public void Add(IReadOnlyList<LinearSource> sources, PackedPart[] parts) => Write(writing =>
    {
        for (var i = 0; i < parts.Length; i++) writing.Add(sources[i], parts[i]);
    });

    /// <summary>Says that everything has been loaded: what was kept becomes the cache.</summary>
    public void Complete()
    {
        if (reader is not null) logger.LogInformation("The packed weights came from {File}", path);
        Write(writing =>
        {
            writing.Complete(fingerprint, team);
            logger.LogInformation("The packed weights are kept in {File}", path);
        });
    }

    public void Dispose()
    {
        reader?.Dispose();
        _writer?.Dispose();
    }

    private void Write(Action<CacheWriter> write)
    {
        if (_writer is null) return;
        try
        {
            write(_writer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("Packed weights can't be kept in {File}: {Reason}", path, exception.Message);
            _writer.Dispose();
            _writer = null;
        }
    }
}
