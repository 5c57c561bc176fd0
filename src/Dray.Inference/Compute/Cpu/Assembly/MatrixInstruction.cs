namespace Dray.Inference.Compute.Cpu;

/// <summary>Instructions that assembled kernels multiply with.</summary>
internal enum MatrixInstruction
{
    /// <summary><c>vpdpbusd</c>: 64 products of bytes.</summary>
    ByteVectors,

    /// <summary><c>vdpbf16ps</c>: 32 products of bf16.</summary>
    BrainFloatVectors,

    /// <summary><c>tdpbssd</c> (and <c>tdpbsud</c>, as fast): 16,384 products of bytes.</summary>
    ByteTiles,

    /// <summary><c>tdpbf16ps</c>: 8,192 products of bf16.</summary>
    BrainFloatTiles,
}
