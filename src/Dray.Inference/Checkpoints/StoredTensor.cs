namespace Dray.Inference.Checkpoints;

/// <summary>A tensor of a safetensors file, read straight from the mapped file.</summary>
public sealed unsafe class StoredTensor
{
    /// <summary>After so many bytes have been read from a tensor by rows, its pages are given back.</summary>
    private const long ReleaseInterval = 32 << 20;

    private readonly MappedFile _file;
    private readonly long _offset;
    private long _consumed;

    internal StoredTensor(MappedFile file, string shard, SafetensorsHeader.Entry entry, long dataStart)
    {
        _file = file;
        _offset = dataStart + entry.Begin;
        Shard = shard;
        Name = entry.Name;
        TypeName = entry.TypeName;
        Shape = entry.Shape;
        Length = entry.End - entry.Begin;
        DataType = entry.TypeName switch
        {
            "BF16" => Checkpoints.DataType.BFloat16,
            "F16" => Checkpoints.DataType.Float16,
            "F32" => Checkpoints.DataType.Float32,
            "I32" => Checkpoints.DataType.Int32,
            "I64" => Checkpoints.DataType.Int64,
            "U8" => Checkpoints.DataType.UInt8,
            _ => null,
        };
    }

    /// <summary>Gets the name in the file, which need not be the canonical one.</summary>
    public string Name { get; }

    /// <summary>Gets the name of the file that holds the tensor.</summary>
    public string Shard { get; }

    /// <summary>Gets the element type as the format calls it, such as <c>BF16</c>.</summary>
    public string TypeName { get; }

    /// <summary>Gets the element type, or null for one that Dray does not compute with.</summary>
    public DataType? DataType { get; }

    /// <summary>Gets the dimensions, outermost first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Gets the size in bytes.</summary>
    public long Length { get; }

    /// <summary>Gets or sets whether anything has asked for the tensor.</summary>
    internal bool Opened { get; set; }

    internal string Described => $"{Shard}: tensor {CheckpointException.Excerpt(Name)}";

    internal string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>Gets the address of the first byte, valid while the checkpoint is open.</summary>
    internal byte* Address => _file.At(_offset);

    /// <summary>Copies bytes of the tensor, little-endian and row-major as stored.</summary>
    /// <param name="offset">First byte, counted from the start of the tensor.</param>
    /// <param name="target">Receives the bytes.</param>
    public void Read(long offset, Span<byte> target)
    {
        if (offset < 0 || target.Length > Length - offset)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"Bytes {offset} to {offset + target.Length} are outside tensor {Name} of {Length} bytes.");
        }

        new ReadOnlySpan<byte>(Address + offset, target.Length).CopyTo(target);
        Consume(target.Length, byRows: true);
    }

    /// <summary>
    /// Counts bytes as read. Packing reads a tensor once from end to end, by rows or by columns, maybe on several threads: when the count
    /// reaches the tensor's size its pages have done their work.
    /// </summary>
    /// <param name="bytes">How many were read.</param>
    /// <param name="byRows">
    /// Whether they are whole rows, so that no page is needed twice and a large tensor's pages can go now and then on the way. A strip of
    /// columns touches every page.
    /// </param>
    internal void Consume(long bytes, bool byRows)
    {
        var after = Interlocked.Add(ref _consumed, bytes);
        if (after >= Length)
            Interlocked.Exchange(ref _consumed, 0);
        else if (!byRows || after / ReleaseInterval == (after - bytes) / ReleaseInterval)
            return;
        _file.Release(_offset, Length);
    }
}
