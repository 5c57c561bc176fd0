namespace Dray.Inference.Vision;

/// <summary>
/// A page's directory, whose every value lies within the file: so what is decoded after its numbers can't be more than they say.
/// </summary>
internal sealed class TiffDirectory
{
    private const int CountBytes = 2;
    private const int EntryBytes = 12;
    private const int NextBytes = 4;
    private const int InlineBytes = 4;
    private const int ValueAt = 8;
    private const ushort Short = 3;
    private const ushort Long = 4;
    private const int ShortBytes = 2;

    // Scanners write a few dozen. The library takes ever longer for each that it doesn't know.
    private const int MaxEntries = 512;

    private readonly TiffBytes _file;
    private readonly Dictionary<TiffTag, (ushort Type, int Count, int At)> _entries = [];

    /// <summary>Reads a directory.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message goes on after "Page 1 of the TIFF".</exception>
    public TiffDirectory(TiffBytes file, uint offset)
    {
        _file = file;
        if (EndOf(file, offset) is not { } end) throw new InvalidDataException("is cut off");
        var count = (end - NextBytes - (int)offset - CountBytes) / EntryBytes;
        if (count > MaxEntries) throw new InvalidDataException($"has {count} fields, more than the {MaxEntries} allowed");
        long all = 0;
        for (var entry = (int)offset + CountBytes; entry < end - NextBytes; entry += EntryBytes)
        {
            var (tag, type, values) = ((TiffTag)file.UInt16(entry), file.UInt16(entry + CountBytes), file.UInt32(entry + InlineBytes));
            var bytes = values * (long)SizeOf(type);
            var at = bytes <= InlineBytes ? (long)entry + ValueAt : file.UInt32(entry + ValueAt);
            all += bytes;
            if (values == 0) continue;
            if (bytes == 0) throw new InvalidDataException($"has a field {(ushort)tag} of an unknown kind, {type}");
            if (at + bytes > file.File.Length || all > file.File.Length)
                throw new InvalidDataException($"is cut off: the {values} values of its field {(ushort)tag} aren't in the file");
            if (!_entries.TryAdd(tag, (type, (int)values, (int)at))) throw new InvalidDataException($"has the field {(ushort)tag} twice");
        }
    }

    /// <summary>The pages of a file in their order: where their directories are, or what is wrong with one that ends the chain.</summary>
    /// <param name="file">The file.</param>
    /// <param name="most">How many directories are looked at.</param>
    /// <exception cref="InvalidDataException">There are more.</exception>
    public static IReadOnlyList<(uint Offset, string? Problem)> Chain(TiffBytes file, int most)
    {
        var pages = new List<(uint, string?)>();
        var seen = new HashSet<uint>();
        for (var offset = file.First; offset != 0; offset = file.UInt32(EndOf(file, offset)!.Value - NextBytes))
        {
            if (seen.Count == most) throw new InvalidDataException($"The TIFF has more than the {most} pages allowed; split it into smaller files.");
            var problem = !seen.Add(offset) ? "leads back to an earlier page" : EndOf(file, offset) is null ? "is cut off" : null;
            if (problem is not null || IsPage(file, offset, seen.Count)) pages.Add((offset, problem));
            if (problem is not null) break;
        }

        return pages;
    }

    /// <summary>Whether there is a field.</summary>
    public bool Has(TiffTag tag) => _entries.ContainsKey(tag);

    /// <summary>How many values a field has.</summary>
    public int CountOf(TiffTag tag) => _entries.TryGetValue(tag, out var entry) ? entry.Count : 0;

    /// <summary>The value of a field that has one, or the default where it is left out.</summary>
    /// <exception cref="InvalidDataException">It has several, or none and no default.</exception>
    public uint Number(TiffTag tag, uint? byDefault = null)
    {
        if (!Has(tag)) return byDefault ?? throw new InvalidDataException($"has no {tag}");
        return CountOf(tag) == 1 ? Number(tag, 0) : throw new InvalidDataException($"has {CountOf(tag)} values for {tag}");
    }

    /// <summary>The value <paramref name="index"/> of a field.</summary>
    /// <exception cref="InvalidDataException">The field holds no whole numbers.</exception>
    public uint Number(TiffTag tag, int index)
    {
        var (type, _, at) = _entries[tag];
        return type switch
        {
            Short => _file.UInt16(at + (index * ShortBytes)),
            Long => _file.UInt32(at + (index * InlineBytes)),
            _ => throw new InvalidDataException($"has a {tag} of kind {type}"),
        };
    }

    // Smaller copies of a page and its masks aren't pages.
    private static bool IsPage(TiffBytes file, uint offset, int number)
    {
        const uint ReducedOrMask = 1 | 4;
        if (number == 1) return true;
        for (var entry = (int)offset + CountBytes; entry < EndOf(file, offset) - NextBytes; entry += EntryBytes)
        {
            if ((TiffTag)file.UInt16(entry) == TiffTag.NewSubfileType) return (file.UInt32(entry + ValueAt) & ReducedOrMask) == 0;
        }

        return true;
    }

    private static int? EndOf(TiffBytes file, uint offset)
    {
        if (offset < TiffBytes.HeaderBytes || offset + (long)CountBytes > file.File.Length) return null;
        var end = offset + CountBytes + ((long)file.UInt16((int)offset) * EntryBytes) + NextBytes;
        return end <= file.File.Length ? (int)end : null;
    }

    private static int SizeOf(ushort type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 => 8,
        _ => 0,
    };
}
