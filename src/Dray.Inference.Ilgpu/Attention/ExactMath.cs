using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// Arithmetic whose bits must be the same wherever it is compiled: PTX compilers fuse a product and a sum as they see fit, and of
/// <c>a·b + c·d</c> either product may lose its rounding. What is said to be rounded is rounded here.
/// </summary>
internal static class ExactMath
{
    /// <summary>a · b, rounded.</summary>
    public static float Multiply(float a, float b)
    {
        if (!CudaAsm.IsSupported) return a * b;
        CudaAsm.Emit("mul.rn.f32 %0, %1, %2;", out float result, a, b);
        return result;
    }

    /// <summary>2^<paramref name="x"/> for x ≤ 0; exactly 1 for 0, exactly 0 below −126; NaN for NaN.</summary>
    /// <remarks>Relative error of the portable polynomial 2e-7; of the hardware's, 2 ulp.</remarks>
    public static float Exp2(float x)
    {
        if (CudaAsm.IsSupported)
        {
            CudaAsm.Emit("ex2.approx.ftz.f32 %0, %1;", out float result, x);
            return result;
        }

        // Compared as integers: in OpenCL a NaN can pass for less.
        const uint leastBits = 0xC2FC0000;
        const uint negativeInfinity = 0xFF800000;
        var bits = Interop.FloatAsInt(x);
        if (bits > leastBits && bits <= negativeInfinity) return 0;

        // 1.5 · 2²³ has steps of 1: adding it rounds to an integer, which then lies in the low bits.
        const float magic = 12582912;
        var shifted = x + magic;
        var f = x - (shifted - magic);
        var power = ((Interop.FloatAsInt(shifted) - 0x4B400000u) + 127) << 23;
        var series = 1.5403530e-4f;
        series = (series * f) + 1.3333558e-3f;
        series = (series * f) + 9.6181291e-3f;
        series = (series * f) + 5.5504109e-2f;
        series = (series * f) + 2.4022651e-1f;
        series = (series * f) + 6.9314718e-1f;
        series = (series * f) + 1;
        return series * Interop.IntAsFloat(power);
    }
}
