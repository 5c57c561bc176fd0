namespace Dray.Inference.Ilgpu;

/// <summary>What the machine code of a kernel must show; checked from the emitted PTX, and from SASS where a CUDA toolkit is installed.</summary>
[Flags]
internal enum KernelTraits
{
    /// <summary>Nothing but to compile.</summary>
    None = 0,

    /// <summary>On the path of every token: no local memory, no calls, no double precision, no spilled registers.</summary>
    Hot = 1,

    /// <summary>Multiplies with <c>mma.sync</c> (HMMA).</summary>
    TensorCores = 2,

    /// <summary>Fills shared memory with <c>cp.async</c> (LDGSTS).</summary>
    AsyncCopies = 4,

    /// <summary>Reads fragments with <c>ldmatrix</c> (LDSM).</summary>
    MatrixLoads = 8,

    /// <summary>Loads 16 bytes at a time (LDG.128 or LDS.128).</summary>
    VectorLoads = 16,
}
