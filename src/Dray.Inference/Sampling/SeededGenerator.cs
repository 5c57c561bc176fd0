using System.Numerics;

namespace Dray.Inference.Sampling;

/// <summary>
/// A sequence's own random numbers: xoshiro256** (Blackman and Vigna, 2018), its state filled by SplitMix64 (Steele, Lea and Flood, 2014).
/// Written out here so that a seed gives the same answers in every version of .NET.
/// </summary>
internal struct SeededGenerator
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <param name="seed">Any number.</param>
    /// <param name="stream">Which of the seed's streams: one per answer to a request.</param>
    public SeededGenerator(ulong seed, ulong stream)
    {
        var state = seed;
        state = SplitMix(ref state) ^ stream;
        _a = SplitMix(ref state);
        _b = SplitMix(ref state);
        _c = SplitMix(ref state);
        _d = SplitMix(ref state);
    }

    /// <summary>A number in [0, 1), of 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1L << 53));

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>The next number of SplitMix64, which is also a good hash of its state.</summary>
    public static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
