using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// How a file of saved logits is laid out, little-endian: 8 bytes that name the format and its version; vocabulary, context and chunks as int32, and
/// 4 bytes of zero; for each chunk the SHA-256 of its token ids and two float64 of <see cref="ChunkLikelihood"/>; then the rows of the second halves,
/// chunk by chunk, each a <see cref="SavedRow"/>.
/// </summary>
/// <param name="Vocabulary">Logits of a row.</param>
/// <param name="Context">Tokens of a chunk.</param>
/// <param name="Chunks">Chunks.</param>
internal readonly record struct SavedLogitsLayout(int Vocabulary, int Context, int Chunks)
{
    /// <summary>Bytes before the chunks' table.</summary>
    public const int HeaderBytes = 24;

    /// <summary>Bytes of a chunk's entry in the table.</summary>
    public const int EntryBytes = SHA256.HashSizeInBytes + (2 * sizeof(double));

    /// <summary>The most chunks, and the most tokens and logits of one: with these the number of bytes can't overflow.</summary>
    public const int LargestDimension = 1 << 20;

    /// <summary>Gets the bytes of a row.</summary>
    public int RowBytes => SavedRow.Bytes(Vocabulary);

    /// <summary>Gets the bytes of the whole file.</summary>
    public long FileBytes => RowAt(Chunks, Context / 2);

    /// <summary>Gets whether the numbers are in range.</summary>
    public bool IsPossible =>
        Vocabulary is > 0 and <= LargestDimension && Context is >= 4 and <= LargestDimension && Chunks is > 0 and <= LargestDimension;

    private static ReadOnlySpan<byte> Magic => "DRAYLG01"u8;

    /// <summary>Where a chunk's entry is.</summary>
    public static long EntryAt(int chunk) => HeaderBytes + ((long)chunk * EntryBytes);

    /// <summary>Where the row after a position of a chunk's second half is.</summary>
    public long RowAt(int chunk, int position) =>
        EntryAt(Chunks) + ((((long)chunk * (Context - (Context / 2))) + position - (Context / 2)) * RowBytes);

    /// <summary>What a chunk is known by.</summary>
    public static byte[] DigestOf(ReadOnlySpan<int> ids) => SHA256.HashData(MemoryMarshal.AsBytes(ids));

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> header)
    {
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Vocabulary);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Context);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], Chunks);
    }

    /// <summary>Reads a header; null where it is none, or its numbers can't be right.</summary>
    public static SavedLogitsLayout? Read(ReadOnlySpan<byte> header)
    {
        if (!header.StartsWith(Magic)) return null;
        var layout = new SavedLogitsLayout(
            BinaryPrimitives.ReadInt32LittleEndian(header[8..]), BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[16..]));
        return layout.IsPossible ? layout : null;
    }
}
