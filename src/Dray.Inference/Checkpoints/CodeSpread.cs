namespace Dray.Inference.Checkpoints;

/// <summary>
/// Spreads 8 neighbouring codes of a bit stream over 8 bytes by three halvings: 8·b bits → 2 × 4·b → 4 × 2·b → 8 × b, each part
/// at the bottom of its 32, 16 and 8 bits. The arithmetic form of a bit deposit, as fast and the same on every processor.
/// </summary>
internal readonly struct CodeSpread
{
    private readonly int _shift4;
    private readonly int _shift2;
    private readonly int _shift1;
    private readonly ulong _mask8;
    private readonly ulong _mask4;
    private readonly ulong _mask2;
    private readonly ulong _mask1;

    public CodeSpread(int bits)
    {
        (_shift4, _shift2, _shift1) = (32 - (4 * bits), 16 - (2 * bits), 8 - bits);
        _mask8 = bits == 8 ? ulong.MaxValue : (1UL << (8 * bits)) - 1;
        _mask4 = ((1UL << (4 * bits)) - 1) * 0x0000_0001_0000_0001UL;
        _mask2 = ((1UL << (2 * bits)) - 1) * 0x0001_0001_0001_0001UL;
        _mask1 = ((1UL << bits) - 1) * 0x0101_0101_0101_0101UL;
    }

    /// <summary>The 8 lowest codes, the lowest in the first byte. Bits above them are ignored.</summary>
    public ulong Spread(ulong stream)
    {
        stream &= _mask8;
        stream = (stream | (stream << _shift4)) & _mask4;
        stream = (stream | (stream << _shift2)) & _mask2;
        return (stream | (stream << _shift1)) & _mask1;
    }
}
