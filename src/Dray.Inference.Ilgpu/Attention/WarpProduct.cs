using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// A warp's product of a 16 × 16 and a 16 × 8 tile of bf16, added to a 16 × 8 tile of float32 (PTX <c>mma.sync.m16n8k16</c>). The results
/// pass through registers that the text names, for an inline statement returns one value only. On ILGPU's CPU device the lanes exchange their
/// operands through shared memory.
/// </summary>
/// <remarks>
/// <code>
/// lane = 4g + t holds  a: A[g][2t, 2t+1], A[g+8][2t, 2t+1], A[g][2t+8, 2t+9], A[g+8][2t+8, 2t+9]
///                      b: B[2t, 2t+1][g], B[2t+8, 2t+9][g]        c: C[g][2t, 2t+1], C[g+8][2t, 2t+1]
/// </code>
/// </remarks>
internal readonly struct WarpProduct(ArrayView<uint> exchange)
{
    /// <summary>Lanes of the warps that do it.</summary>
    public const int Lanes = 32;

    private const int Operands = 6;
    private const int MaxWarps = 4;

    /// <summary>Must be called once, at the beginning of a kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpProduct Create()
    {
        if (!CudaAsm.IsSupported) return new WarpProduct(SharedMemory.Allocate<uint>(MaxWarps * Lanes * Operands));
        CudaAsm.Emit(".reg .f32 md0; .reg .f32 md1; .reg .f32 md2; .reg .f32 md3;");
        return new WarpProduct(ArrayView<uint>.Empty);
    }

    /// <summary><c>c + a · b</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Quad Add(Quad c, Word4 a, uint b0, uint b1)
    {
        if (!CudaAsm.IsSupported) return Emulate(c, a, b0, b1);
        CudaAsm.Emit(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {md0,md1,md2,md3}, {%0,%1,%2,%3}, {%4,%5}, {%6,%7,%8,%9};",
            a.X, a.Y, a.Z, a.W, b0, b1, c.X, c.Y, c.Z, c.W);
        CudaAsm.Emit("mov.f32 %0, md0;", out float x);
        CudaAsm.Emit("mov.f32 %0, md1;", out float y);
        CudaAsm.Emit("mov.f32 %0, md2;", out float z);
        CudaAsm.Emit("mov.f32 %0, md3;", out float w);
        return new Quad(x, y, z, w);
    }

    /// <summary>Two floats as bf16, rounded to nearest even, the first in the low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Pack(float low, float high)
    {
        if (!CudaAsm.IsSupported) return BFloat16Codec.Encode(low) | (BFloat16Codec.Encode(high) << 16);
        CudaAsm.Emit("cvt.rn.bf16x2.f32 %0, %1, %2;", out uint result, high, low);
        return result;
    }

    /// <summary>What <see cref="Pack"/> lost of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint PackRest(float low, float high, uint packed) =>
        Pack(low - Interop.IntAsFloat(packed << 16), high - Interop.IntAsFloat(packed & 0xFFFF0000));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Quad Emulate(Quad c, Word4 a, uint b0, uint b1)
    {
        var warp = Group.IdxX / Lanes * Lanes * Operands;
        var lane = Group.IdxX % Lanes;
        var at = warp + (lane * Operands);
        (exchange[at], exchange[at + 1], exchange[at + 2], exchange[at + 3]) = (a.X, a.Y, a.Z, a.W);
        (exchange[at + 4], exchange[at + 5]) = (b0, b1);
        Warp.Barrier();
        var (row, column) = (lane / 4, lane % 4 * 2);
        var result = new Quad(
            Dot(warp, row, column, 0, c.X), Dot(warp, row, column + 1, 0, c.Y), Dot(warp, row, column, 1, c.Z), Dot(warp, row, column + 1, 1, c.W));
        Warp.Barrier();
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Dot(int warp, int row, int column, int lower, float sum)
    {
        for (var k = 0; k < 16; k++)
        {
            var t = k % 8 / 2;
            var a = exchange[warp + (((4 * row) + t) * Operands) + lower + (k / 8 * 2)];
            var b = exchange[warp + (((4 * column) + t) * Operands) + 4 + (k / 8)];
            sum += Half(a, k % 2) * Half(b, k % 2);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Half(uint word, int index) => Interop.IntAsFloat(index == 0 ? word << 16 : word & 0xFFFF0000);
}
