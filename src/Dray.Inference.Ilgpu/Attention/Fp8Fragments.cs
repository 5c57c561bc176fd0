using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>fp8: a word's bytes 0 and 2, and 1 and 3, are pairs. Every code is a bf16 exactly.</summary>
internal readonly struct Fp8Fragments : IFragmentCodec
{
    public bool HasScales => true;

    public int QueryStep => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TokenOf(int tile, int column) => (column / 2 * 4) + (column % 2 * 2) + tile;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int QueryDim(int step, int t, int register) => (16 * (t + (step / 4 * 4))) + (step % 4 * 4) + register;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ValueDim(int tile, int column) => (tile / 4 * 32) + (4 * column) + (tile % 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Fragments Keys(ArrayView<Word4> chunks, long key, int group, int t) => Unpack(chunks[key + t + (4 * group)]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Fragments Values(ArrayView<Word4> chunks, long values, int group, int lane, int count)
    {
        var chunk = chunks[values + (32 * group) + lane];
        var mask = count >= 4 ? 0xFFFFFFFF : (1u << (8 * count)) - 1;
        return Unpack(new Word4(chunk.X & mask, chunk.Y & mask, chunk.Z & mask, chunk.W & mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Fragments Unpack(Word4 chunk) => new(
        new Word4(Even(chunk.X), Even(chunk.Y), Even(chunk.Z), Even(chunk.W)),
        new Word4(Even(chunk.X >> 8), Even(chunk.Y >> 8), Even(chunk.Z >> 8), Even(chunk.W >> 8)));

    /// <summary>Bytes 0 and 2 as bf16: exponent and mantissa in their place are 2¹²⁰ too small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Even(uint word) => Enlarge(((word << 8) & 0x80008000) | ((word << 4) & 0x07F007F0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Enlarge(uint pair)
    {
        if (CudaAsm.IsSupported)
        {
            // By 2¹²⁰; adding −0 keeps the sign of a zero.
            CudaAsm.Emit("{.reg .b32 f; .reg .b32 z; mov.b32 f, 0x7B807B80; mov.b32 z, 0x80008000; fma.rn.bf16x2 %0, %1, f, z;}", out uint result, pair);
            return result;
        }

        var factor = Interop.IntAsFloat(0x7B800000);
        return (Interop.FloatAsInt(Interop.IntAsFloat(pair << 16) * factor) >> 16) | (Interop.FloatAsInt(Interop.IntAsFloat(pair & 0xFFFF0000) * factor) & 0xFFFF0000);
    }
}
