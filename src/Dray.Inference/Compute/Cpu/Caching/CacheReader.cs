using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The packed weights of a checkpoint in a cache file. All of it is hashed when it is opened: that touches the pages that the first step
/// needs anyway, and a block that never reached the disk or was changed there can't become weights.
/// </summary>
internal sealed unsafe class CacheReader : IDisposable
{
    private readonly CacheMapping _mapping;
    private readonly Dictionary<string, CachedPart> _parts;
    private readonly long _dataBytes;

    /// <exception cref="InvalidDataException">The file isn't a whole cache of this checkpoint in this layout; the message says why not.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be read.</exception>
    public CacheReader(string path, string fingerprint, ThreadTeam team)
    {
        const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersWrite) != 0)
            throw new InvalidDataException("others than its owner may write it");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        _mapping = new CacheMapping(stream);
        try
        {
            var index = CacheIndex.Read(_mapping.Start, _mapping.Length);
            if (index.Layout != PackedPart.LayoutVersion) throw new InvalidDataException($"its layout is {index.Layout}, not {PackedPart.LayoutVersion}");
            if (index.Checkpoint != fingerprint) throw new InvalidDataException("it belongs to another checkpoint");
            if (PieceHashJob.Hash(team, _mapping.Start, index.DataBytes) != index.DataHash) throw new InvalidDataException("its weights are damaged");
            _dataBytes = index.DataBytes;
            _parts = index.Parts.DistinctBy(part => part.Name).ToDictionary(part => part.Name);
        }
        catch
        {
            _mapping.Dispose();
            throw;
        }
    }

    /// <summary>The part of a layer, or null where the file has none that fits it.</summary>
    public PackedPart? Find(LinearSource source)
    {
        if (!_parts.TryGetValue(source.Name, out var part) || !part.Fits(source)) return null;
        var shape = new PartShape(source, part.Code);
        var sizes = new[] { shape.WordBytes, shape.ScaleBytes, shape.OffsetBytes }.Where(bytes => bytes > 0).ToArray();
        if (part.Blocks.Length != sizes.Length || part.Blocks.Where((start, i) => !Holds(start, sizes[i])).Any()) return null;
        var blocks = sizes.Select((bytes, i) => _mapping.Block(part.Blocks[i], bytes)).ToArray();
        return new PackedPart(shape, blocks[0], blocks.ElementAtOrDefault(1), blocks.ElementAtOrDefault(2));
    }

    public void Dispose() => _mapping.Dispose();

    private bool Holds(long start, nuint bytes) =>
        start >= 0 && start <= _dataBytes && start % NativeBlock.Alignment == 0 && bytes <= (nuint)(_dataBytes - start);
}
