using System.Buffers.Binary;

namespace Dray.Inference.Checkpoints;

/// <summary>
/// A safetensors file, memory-mapped: 8 bytes header length (little-endian), a JSON header, then the tensors' bytes. Holes between tensors
/// and unaligned tensors are tolerated; anything that contradicts itself is refused when the file is opened.
/// </summary>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;

    private readonly MappedFile _file;
    private readonly int _headerLength;

    private SafetensorsFile(MappedFile file, string name, int headerLength, IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        _file = file;
        _headerLength = headerLength;
        Name = name;
        Tensors = tensors;
    }

    /// <summary>Gets the file's name without its folder.</summary>
    public string Name { get; }

    /// <summary>Gets the file's size in bytes.</summary>
    public long Length => _file.Length;

    /// <summary>Gets when the file had last been written when it was opened.</summary>
    public DateTime LastWrite => _file.LastWrite;

    /// <summary>Gets the tensors by name.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Gets the header as stored, without its length.</summary>
    public ReadOnlySpan<byte> Header => new(_file.At(LengthBytes), _headerLength);

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="CheckpointException">The file is missing, cut short or contradicts itself.</exception>
    public static SafetensorsFile Open(string path)
    {
        var name = Path.GetFileName(path);
        MappedFile? file = null;
        try
        {
            var size = new FileInfo(path).Length;
            if (size < LengthBytes)
                throw new CheckpointException($"{name}: the file has {size} bytes, too few for a safetensors header.");
            file = new MappedFile(path);
            return Open(file, name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new CheckpointException($"{name}: the file can't be read: {exception.Message}", exception);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>A part of the file, for identification.</summary>
    public ReadOnlySpan<byte> Slice(long offset, int length) =>
        new(_file.At(offset), (int)Math.Min(length, _file.Length - offset));

    /// <summary>Gives all pages back that have been read so far.</summary>
    public void ReleasePages() => _file.Release(0, _file.Length);

    public void Dispose() => _file.Dispose();

    private static SafetensorsFile Open(MappedFile file, string name)
    {
        var start = new ReadOnlySpan<byte>(file.At(0), LengthBytes);
        if (start.SequenceEqual("version "u8))
            throw new CheckpointException($"{name}: this is a Git LFS pointer, not the file itself; fetch it with 'git lfs pull'.");

        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        var available = (ulong)(file.Length - LengthBytes);
        if (length > available || length > SafetensorsHeader.MaximumBytes)
        {
            throw new CheckpointException(
                $"{name}: the header claims {length} bytes, but at most {Math.Min(available, SafetensorsHeader.MaximumBytes)} are " +
                "possible; the file is cut short or no safetensors file.");
        }

        var dataStart = LengthBytes + (long)length;
        var entries = SafetensorsHeader.Parse(name, new(file.At(LengthBytes), (int)length), file.Length - dataStart);
        var tensors = new Dictionary<string, StoredTensor>(entries.Count, StringComparer.Ordinal);
        foreach (var entry in entries)
            tensors.Add(entry.Name, new StoredTensor(file, name, entry, dataStart));
        return new SafetensorsFile(file, name, (int)length, tensors);
    }
}
