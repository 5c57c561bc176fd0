namespace Dray.Quantization.Calibration;

/// <summary>
/// The generator of Python's <c>random.Random(seed)</c>, a Mersenne Twister (MT19937), as far as shuffling needs it: AutoRound picks
/// calibration texts and batches by it, so the same seed picks the same here. Not for use by several threads.
/// </summary>
public sealed class PythonRandom
{
    private const int Size = 624;
    private const int Middle = 397;
    private const uint UpperMask = 0x80000000;
    private const uint LowerMask = 0x7fffffff;
    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    /// <summary>Initializes the generator as <c>random.Random(seed)</c> does, which ignores the sign.</summary>
    public PythonRandom(int seed) => SeedBy(unchecked((uint)Math.Abs((long)seed)));

    /// <summary>Shuffles as <c>random.shuffle</c> does: from the end on, each item changes places with one at or before it.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var other = Below(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    /// <summary>The next <paramref name="count"/> random bits (1 to 32), as <c>getrandbits</c> gives them.</summary>
    internal uint Bits(int count) => Next() >> (32 - count);

    /// <summary>A number from 0 to below <paramref name="limit"/>: as many bits as the limit has, drawn until they are below it.</summary>
    private int Below(int limit)
    {
        var bits = 32 - int.LeadingZeroCount(limit);
        var drawn = Bits(bits);
        while (drawn >= (uint)limit) drawn = Bits(bits);
        return (int)drawn;
    }

    private uint Next()
    {
        if (_next == Size) Renew();
        var bits = _state[_next++];
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9d2c5680;
        bits ^= (bits << 15) & 0xefc60000;
        return bits ^ (bits >> 18);
    }

    private void Renew()
    {
        for (var i = 0; i < Size; i++)
        {
            var mixed = (_state[i] & UpperMask) | (_state[(i + 1) % Size] & LowerMask);
            _state[i] = _state[(i + Middle) % Size] ^ (mixed >> 1) ^ ((mixed & 1) == 0 ? 0 : 0x9908b0df);
        }

        _next = 0;
    }

    /// <summary>MT19937's <c>init_by_array</c> with a key of one word.</summary>
    private void SeedBy(uint key)
    {
        _state[0] = 19650218;
        for (var i = 1; i < Size; i++) _state[i] = (1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30))) + (uint)i;
        var at = 1;
        for (var i = 0; i < Size; i++)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1664525)) + key;
            at = Following(at);
        }

        for (var i = 1; i < Size; i++)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1566083941)) - (uint)at;
            at = Following(at);
        }

        _state[0] = 0x80000000;
    }

    private int Following(int at)
    {
        if (at + 1 < Size) return at + 1;
        _state[0] = _state[Size - 1];
        return 1;
    }
}
