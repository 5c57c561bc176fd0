using Dray.Inference.Compute;

namespace Dray.Inference.Tests.Compute.Cpu.Assembly;

/// <summary>AMX's tiles, as Intel's Software Developer's Manual defines their instructions; what would fault throws.</summary>
internal sealed unsafe class InterpretedTiles
{
    private const int Count = 8;
    private const int MaxRows = 16;
    private const int MaxRowBytes = 64;
    private const int ConfigurationBytes = 64;

    private readonly byte[][] _data = [.. Enumerable.Range(0, Count).Select(_ => new byte[MaxRows * MaxRowBytes])];
    private readonly int[] _rows = new int[Count];
    private readonly int[] _rowBytes = new int[Count];

    /// <summary>Gets whether tiles are configured.</summary>
    public bool IsConfigured { get; private set; }

    /// <summary>Gets whether they ever were.</summary>
    public bool WasConfigured { get; private set; }

    /// <summary>LDTILECFG: palette, start row, 14 reserved bytes, bytes of each tile's rows (16 × 16 bits), rows of each tile (16 × 8 bits).</summary>
    public void Configure(byte* memory)
    {
        var configuration = new ReadOnlySpan<byte>(memory, ConfigurationBytes);
        if (configuration[0] != 1 || configuration[1] != 0) throw Fault("the palette isn't 1, or there is a start row");
        if (configuration[2..16].ContainsAnyExcept((byte)0) || configuration[32..48].ContainsAnyExcept((byte)0) || configuration[56..].ContainsAnyExcept((byte)0))
            throw Fault("reserved bytes aren't zero");
        for (var i = 0; i < Count; i++)
        {
            (_rowBytes[i], _rows[i]) = (configuration[16 + (2 * i)] | configuration[17 + (2 * i)] << 8, configuration[48 + i]);
            if (_rowBytes[i] > MaxRowBytes || _rows[i] > MaxRows || _rowBytes[i] == 0 != (_rows[i] == 0)) throw Fault($"tile {i} has no possible size");
            _data[i].AsSpan().Clear();
        }

        IsConfigured = WasConfigured = true;
    }

    /// <summary>TILERELEASE.</summary>
    public void Release() => IsConfigured = false;

    /// <summary>TILEZERO.</summary>
    public void Zero(int tile)
    {
        Require(tile);
        _data[tile].AsSpan().Clear();
    }

    /// <summary>TILELOADD.</summary>
    public void Load(int tile, byte* start, long stride)
    {
        Require(tile);
        _data[tile].AsSpan().Clear();
        for (var row = 0; row < _rows[tile]; row++) new ReadOnlySpan<byte>(start + (row * stride), _rowBytes[tile]).CopyTo(Row(tile, row));
    }

    /// <summary>TILESTORED.</summary>
    public void Store(int tile, byte* start, long stride)
    {
        Require(tile);
        for (var row = 0; row < _rows[tile]; row++) Row(tile, row)[.._rowBytes[tile]].CopyTo(new Span<byte>(start + (row * stride), _rowBytes[tile]));
    }

    /// <summary>TDPBSSD and TDPBSUD: four products of bytes a time to 32-bit sums; the left ones signed.</summary>
    public void MultiplyBytes(int sums, int left, int right, bool isRightSigned)
    {
        RequireProduct(sums, left, right);
        for (var m = 0; m < _rows[sums]; m++)
        {
            for (var k = 0; k < _rowBytes[left] / 4; k++)
            {
                for (var n = 0; n < _rowBytes[sums] / 4; n++)
                {
                    var sum = 0;
                    for (var i = 0; i < 4; i++)
                    {
                        var code = Row(right, k)[(4 * n) + i];
                        sum += (sbyte)Row(left, m)[(4 * k) + i] * (isRightSigned ? (sbyte)code : code);
                    }

                    ref var target = ref Ints(sums, m)[n];
                    target = unchecked(target + sum);
                }
            }
        }
    }

    /// <summary>TDPBF16PS: sums of even and of odd products, fused; then both, then the old sum. Denormals are zero, rounding is to nearest even.</summary>
    public void MultiplyBrainFloats(int sums, int left, int right)
    {
        RequireProduct(sums, left, right);
        var columns = _rowBytes[sums] / 4;
        for (var m = 0; m < _rows[sums]; m++)
        {
            var products = new float[2 * columns];
            for (var k = 0; k < _rowBytes[left] / 4; k++)
            {
                for (var i = 0; i < products.Length; i++)
                    products[i] = FusedMultiplyAdd(Half(left, m, (2 * k) + (i % 2)), Half(right, k, i), products[i]);
            }

            for (var n = 0; n < columns; n++)
            {
                ref var target = ref Ints(sums, m)[n];
                var sum = Flush(BitConverter.Int32BitsToSingle(target)) + Flush(products[2 * n] + products[(2 * n) + 1]);
                target = BitConverter.SingleToInt32Bits(Flush(sum));
            }
        }
    }

    /// <summary>A fused multiply-add that takes denormals for zeros and makes none.</summary>
    public static float FusedMultiplyAdd(float a, float b, float c) => Flush(MathF.FusedMultiplyAdd(Flush(a), Flush(b), Flush(c)));

    private static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;

    private static InvalidOperationException Fault(string why) => new($"The processor would fault: {why}.");

    private float Half(int tile, int row, int index) => BrainFloat.Decode((ushort)(Row(tile, row)[2 * index] | Row(tile, row)[(2 * index) + 1] << 8));

    private Span<byte> Row(int tile, int row) => _data[tile].AsSpan(row * MaxRowBytes, MaxRowBytes);

    private Span<int> Ints(int tile, int row) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(Row(tile, row));

    private void Require(int tile)
    {
        if (!IsConfigured || _rows[tile] == 0) throw Fault($"tile {tile} isn't configured");
    }

    private void RequireProduct(int sums, int left, int right)
    {
        foreach (var tile in (int[])[sums, left, right]) Require(tile);
        if (sums == left || sums == right || left == right) throw Fault("a product's tiles must be three");
        if (_rows[sums] != _rows[left] || _rowBytes[left] != 4 * _rows[right] || _rowBytes[sums] != _rowBytes[right])
            throw Fault($"tiles {sums}, {left} and {right} don't fit together");
    }
}
