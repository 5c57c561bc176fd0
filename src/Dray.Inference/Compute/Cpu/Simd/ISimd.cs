namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The vector operations that the kernels are written over, once for all instruction sets. <typeparamref name="TVec"/> is a raw hardware
/// vector, so that the JIT specialises every kernel and keeps accumulators in registers. Lanes are float32; the integer operations work on
/// the same bits.
/// </summary>
internal unsafe interface ISimd<TVec>
    where TVec : struct
{
    /// <summary>Gets the float32 lanes of a vector: 4, 8 or 16.</summary>
    static abstract int Lanes { get; }

    /// <summary>Gets the most rows of a register tile two vectors wide, at most 12.</summary>
    static abstract int TileRows { get; }

    /// <summary>Gets the most rows for which a tile unpacks weights in registers; with more, a panel is unpacked to memory first.</summary>
    static abstract int DirectRows { get; }

    static abstract TVec Load(float* source);

    static abstract void Store(float* target, TVec value);

    static abstract TVec Broadcast(float value);

    static abstract TVec Add(TVec a, TVec b);

    static abstract TVec Subtract(TVec a, TVec b);

    static abstract TVec Multiply(TVec a, TVec b);

    static abstract TVec Divide(TVec a, TVec b);

    /// <summary>a · b + c, rounded once where the hardware can.</summary>
    static abstract TVec MultiplyAdd(TVec a, TVec b, TVec c);

    /// <summary>The greater one. A NaN in <paramref name="b"/> is kept.</summary>
    static abstract TVec Max(TVec a, TVec b);

    static abstract TVec Min(TVec a, TVec b);

    static abstract TVec Abs(TVec a);

    static abstract float Sum(TVec a);

    static abstract float HighestLane(TVec a);

    /// <summary><paramref name="value"/> where <paramref name="x"/> ≥ <paramref name="limit"/>, 0 elsewhere.</summary>
    static abstract TVec ZeroBelow(TVec value, TVec x, TVec limit);

    /// <summary><paramref name="negative"/> where <paramref name="x"/> &lt; 0, <paramref name="other"/> elsewhere.</summary>
    static abstract TVec SelectNegative(TVec x, TVec negative, TVec other);

    /// <summary>Adds the lanes as int32.</summary>
    static abstract TVec AddBits(TVec a, TVec b);

    static abstract TVec AndBits(TVec a, uint mask);

    static abstract TVec ShiftLeft(TVec a, int count);

    /// <summary>Shifts zeros in from the left.</summary>
    static abstract TVec ShiftRight(TVec a, int count);

    /// <summary>Shifts copies of the sign in from the left.</summary>
    static abstract TVec ShiftRightSigned(TVec a, int count);

    /// <summary>The int32 lanes as float32.</summary>
    static abstract TVec ConvertToFloat(TVec bits);

    /// <summary>The nearest whole number, the even one of two.</summary>
    static abstract TVec Round(TVec a);

    /// <summary>
    /// a · 2^<paramref name="exponent"/> for a whole exponent below 127 and a between 1/2 and 2; 0 where that is too small for a float32, or a
    /// subnormal number close to it. A NaN in <paramref name="a"/> is kept.
    /// </summary>
    static abstract TVec Scale(TVec a, TVec exponent);

    /// <summary>What <see cref="Nibble"/> needs to subtract <paramref name="zero"/> from every code.</summary>
    static abstract TVec NibbleTable(float zero);

    /// <summary>The low four bits of each lane as float32, less the table's zero.</summary>
    static abstract TVec Nibble(TVec word, TVec table);
}
