using System.Buffers.Binary;
using System.Security.Cryptography;
using Dray.Contracts;

namespace Dray.Worker.Input;

/// <summary>
/// Finds rows that ask what an earlier row of the batch asks: lines that differ in the <c>custom_id</c> only. An answer depends on nothing
/// but its request, so that one is enough.
/// </summary>
internal sealed class RowRepeats
{
    private readonly Dictionary<UInt128, long> _first = [];
    private readonly List<RepeatedRow> _repeated = [];

    /// <summary>Gets the rows that repeat an earlier one, in input order.</summary>
    public IReadOnlyList<RepeatedRow> Repeated => _repeated;

    /// <summary>Adds a row whose <c>custom_id</c> stands at <paramref name="value"/> in its line.</summary>
    public void Add(long row, string customId, ReadOnlySpan<byte> line, Range value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(line[..value.Start]);
        hash.AppendData(line[value.End..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        var request = BinaryPrimitives.ReadUInt128LittleEndian(digest);
        if (!_first.TryAdd(request, row)) _repeated.Add(new RepeatedRow { Row = row, CustomId = customId, OfRow = _first[request] });
    }
}
