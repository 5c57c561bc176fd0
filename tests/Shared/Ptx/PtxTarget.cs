using ILGPU.Runtime.Cuda;

namespace Dray.Tests.Ptx;

/// <summary>An architecture to emit PTX for, and the version of PTX to emit.</summary>
internal sealed record PtxTarget(CudaArchitecture Architecture, CudaInstructionSet InstructionSet)
{
    /// <summary>Gets what the tests emit for: A100, H100 and RTX 5090, with the versions of PTX that the oldest driver we take (CUDA 11.8) and the first one for Blackwell read.</summary>
    public static IReadOnlyList<PtxTarget> All { get; } =
    [
        new(CudaArchitecture.SM_80, CudaInstructionSet.ISA_78),
        new(CudaArchitecture.SM_90, CudaInstructionSet.ISA_78),
        new(CudaArchitecture.SM_120, CudaInstructionSet.ISA_87),
    ];

    /// <summary>Gets the name that NVIDIA's tools know it by, such as <c>sm_90</c>.</summary>
    public string Name => $"sm_{Architecture.Major}{Architecture.Minor}";
}
