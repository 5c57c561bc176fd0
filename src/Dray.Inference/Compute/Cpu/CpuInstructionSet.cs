namespace Dray.Inference.Compute.Cpu;

/// <summary>Instruction sets that the CPU backend has kernels for.</summary>
public enum CpuInstructionSet
{
    /// <summary>128-bit vectors of whatever hardware there is.</summary>
    Portable,

    /// <summary>AVX2 with FMA.</summary>
    Avx2,

    /// <summary>AVX-512 F.</summary>
    Avx512,

    /// <summary>AVX-512 with AVX512-VNNI, which multiplies codes and quantised inputs as integers.</summary>
    Avx512Vnni,

    /// <summary>As <see cref="Avx512Vnni"/>, with AVX512-BF16 for bf16 weights.</summary>
    Avx512Bf16,
}
