using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;

namespace Dray.Inference.Compute.Cpu;

/// <summary>The contents of a cache file of packed weights, kept at its end, so that a file that was cut short has none.</summary>
/// <remarks>
/// <code>
/// blocks of packed weights, each 64-byte aligned | this, as JSON | "DRAYPACK" | bytes of JSON, 8 | its XXH3, 8
/// </code>
/// </remarks>
/// <param name="Layout"><see cref="PackedPart.LayoutVersion"/>.</param>
/// <param name="Checkpoint">The checkpoint's fingerprint.</param>
/// <param name="DataBytes">Bytes of all blocks, from the file's start.</param>
/// <param name="DataHash">Their hash by <see cref="PieceHashJob"/>.</param>
/// <param name="Parts">The parts, in the order in which they were loaded.</param>
internal sealed record CacheIndex(int Layout, string Checkpoint, long DataBytes, ulong DataHash, CachedPart[] Parts)
{
    private const int TrailerBytes = 24;
    private const int MostBytes = 64 << 20;

    private static ReadOnlySpan<byte> Magic => "DRAYPACK"u8;

    /// <summary>What follows the blocks.</summary>
    public byte[] ToBytes()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this);
        var trailer = new byte[TrailerBytes];
        Magic.CopyTo(trailer);
        BinaryPrimitives.WriteInt64LittleEndian(trailer.AsSpan(8), json.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(trailer.AsSpan(16), XxHash3.HashToUInt64(json));
        return [.. json, .. trailer];
    }

    /// <summary>Reads the index at the end of a mapped file.</summary>
    /// <exception cref="InvalidDataException">The file is cut short, damaged, or no cache file.</exception>
    public static unsafe CacheIndex Read(byte* file, long length)
    {
        if (length < TrailerBytes) throw new InvalidDataException($"it has {length} bytes only");
        var trailer = new ReadOnlySpan<byte>(file + length - TrailerBytes, TrailerBytes);
        var bytes = BinaryPrimitives.ReadInt64LittleEndian(trailer[8..]);
        if (!trailer.StartsWith(Magic) || bytes < 0 || bytes > Math.Min(MostBytes, length - TrailerBytes))
            throw new InvalidDataException("it is cut short, or something else");
        var json = new ReadOnlySpan<byte>(file + length - TrailerBytes - bytes, (int)bytes);
        if (XxHash3.HashToUInt64(json) != BinaryPrimitives.ReadUInt64LittleEndian(trailer[16..])) throw new InvalidDataException("its index is damaged");
        try
        {
            var index = JsonSerializer.Deserialize<CacheIndex>(json);
            if (index?.Parts is null || index.DataBytes != length - TrailerBytes - bytes || index.Parts.Any(part => part?.Name is null || part.Blocks is null))
                throw new InvalidDataException("its index contradicts itself");
            return index;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("its index can't be read", exception);
        }
    }
}
