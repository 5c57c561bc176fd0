using System.Buffers.Binary;

namespace Dray.Inference.Vision;

/// <summary>The numbers of a TIFF file, whose header says in which order their bytes are.</summary>
internal sealed class TiffBytes
{
    /// <summary>The bytes of the header; the first directory's offset is the last four of them.</summary>
    public const int HeaderBytes = 8;

    private const int FirstDirectory = 4;
    private const ushort Version = 42;
    private const ushort BigVersion = 43;

    private readonly bool _isBigEndian;

    /// <summary>Copies a file.</summary>
    /// <exception cref="RequestRejectedException"><c>image_invalid</c>: it is no TIFF, or one of the 64-bit kind.</exception>
    public TiffBytes(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderBytes || !IsTiff(file))
            throw new RequestRejectedException(RequestErrorCodes.ImageInvalid, "The TIFF ends within its header; send the whole file.");
        _isBigEndian = file[0] == 'M';
        File = file.ToArray();
        if (UInt16(2) == BigVersion)
            throw new RequestRejectedException(RequestErrorCodes.ImageInvalid, "The file is a BigTIFF, which isn't read; save it as plain TIFF.");
    }

    /// <summary>Gets the copy of the file.</summary>
    public byte[] File { get; }

    /// <summary>Gets or sets where the first directory is.</summary>
    public uint First
    {
        get => UInt32(FirstDirectory);
        set
        {
            if (_isBigEndian) BinaryPrimitives.WriteUInt32BigEndian(File.AsSpan(FirstDirectory), value);
            else BinaryPrimitives.WriteUInt32LittleEndian(File.AsSpan(FirstDirectory), value);
        }
    }

    /// <summary>Whether a file begins as a TIFF does.</summary>
    public static bool IsTiff(ReadOnlySpan<byte> file) =>
        file is [(byte)'I', (byte)'I', (byte)Version or (byte)BigVersion, 0, ..] or [(byte)'M', (byte)'M', 0, (byte)Version or (byte)BigVersion, ..];

    /// <summary>The number of two bytes at <paramref name="at"/>.</summary>
    public ushort UInt16(int at) => _isBigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(File.AsSpan(at))
        : BinaryPrimitives.ReadUInt16LittleEndian(File.AsSpan(at));

    /// <summary>The number of four bytes at <paramref name="at"/>.</summary>
    public uint UInt32(int at) => _isBigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(File.AsSpan(at))
        : BinaryPrimitives.ReadUInt32LittleEndian(File.AsSpan(at));
}
