using Dray.Inference.Checkpoints;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Writes a cache file beside its place and moves it there when it is whole. Workers that write the same one at once each write a file of
/// their own; the last one stays.
/// </summary>
internal sealed unsafe class CacheWriter : IDisposable
{
    private const int MostBytesAtOnce = 64 << 20;
    private const string Unfinished = ".unfinished";

    private readonly string _path;
    private readonly string _unfinished;
    private readonly FileStream _stream;
    private readonly List<CachedPart> _parts = [];
    private long _length;

    /// <exception cref="IOException">The file can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be made.</exception>
    public CacheWriter(string path)
    {
        _path = path;
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var left in Directory.GetFiles(folder, $"{Path.GetFileName(path)}.*{Unfinished}")) DeleteUnlessWritten(left);
        _unfinished = $"{path}.{Guid.NewGuid():N}{Unfinished}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _stream = new FileStream(_unfinished, options);
    }

    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Add(LinearSource source, PackedPart part) => _parts.Add(CachedPart.Of(source, part.Code, [.. part.Blocks.Select(Write)]));

    /// <summary>Adds the index and puts the file into its place.</summary>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public void Complete(string fingerprint, ThreadTeam team)
    {
        var index = new CacheIndex(PackedPart.LayoutVersion, fingerprint, _length, Hash(team), [.. _parts]);
        RandomAccess.Write(_stream.SafeFileHandle, index.ToBytes(), _length);
        _stream.Dispose();
        File.Move(_unfinished, _path, overwrite: true);
    }

    public void Dispose()
    {
        _stream.Dispose();
        File.Delete(_unfinished);
    }

    /// <summary>A file that another process writes is locked; one that is not was left by a process that was killed.</summary>
    private static void DeleteUnlessWritten(string path)
    {
        try
        {
            using var abandoned = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is being written, or somebody else deletes it at this moment.
        }
    }

    private ulong Hash(ThreadTeam team)
    {
        if (_length == 0) return PieceHashJob.Hash(team, null, 0);
        using var mapping = new CacheMapping(_stream);
        return PieceHashJob.Hash(team, mapping.Start, _length);
    }

    private long Write(NativeBlock block)
    {
        var start = (_length + NativeBlock.Alignment - 1) / NativeBlock.Alignment * NativeBlock.Alignment;
        _length = start;
        for (nuint done = 0; done < block.Bytes;)
        {
            var count = (int)Math.Min(MostBytesAtOnce, block.Bytes - done);
            RandomAccess.Write(_stream.SafeFileHandle, new ReadOnlySpan<byte>((byte*)block.Pointer + done, count), _length);
            done += (nuint)count;
            _length += count;
        }

        GC.KeepAlive(block);
        return start;
    }
}
