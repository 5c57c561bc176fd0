using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What the processor has, and what the operating system and the runtime's settings allow.</summary>
internal sealed record CpuFeatures
{
    private const string NoAvx512 = "This processor, its operating system or the runtime's settings (DOTNET_EnableAVX512) give no AVX-512";

    /// <summary>Gets those of this process.</summary>
    public static CpuFeatures OfThisProcess { get; } = Detect();

    /// <summary>Gets whether .NET's AVX2 and FMA can be used.</summary>
    public bool HasAvx2 { get; init; }

    /// <summary>Gets whether .NET's AVX-512 F can be used.</summary>
    public bool HasAvx512 { get; init; }

    /// <summary>Gets whether .NET's AVX-512 BW and VBMI can be used too, which pack inputs for assembled kernels.</summary>
    public bool HasAvx512Bytes { get; init; }

    /// <summary>Gets whether the processor has AVX512-VNNI.</summary>
    public bool HasVnni { get; init; }

    /// <summary>Gets whether the processor has AVX512-BF16.</summary>
    public bool HasBrainFloats { get; init; }

    /// <summary>Gets whether the processor has AMX-TILE, AMX-INT8 and AMX-BF16.</summary>
    public bool HasTiles { get; init; }

    /// <summary>Gets why assembled code can't run, as a whole sentence; null where it can.</summary>
    public string? CodeProblem { get; init; }

    /// <summary>Gets why the operating system gives no tiles, as a whole sentence; null where it gives them.</summary>
    public string? TileProblem { get; init; }

    /// <summary>Gets the instruction sets that can be used here, the fastest last.</summary>
    public IReadOnlyList<CpuInstructionSet> Available => [.. Enum.GetValues<CpuInstructionSet>().Where(path => Lack(path) is null)];

    /// <summary>
    /// Gets why a faster path than the best of <see cref="Available"/> can't be used though the processor has it, as a whole sentence; null
    /// where the processor is used as far as it goes.
    /// </summary>
    public string? Limitation
    {
        get
        {
            var problem = HasAvx512Bytes && HasVnni ? CodeProblem ?? (HasTiles && HasBrainFloats ? TileProblem : null) : null;
            return problem is null ? null : $"{problem} The CPU path {CpuInstructionSets.NameOf(Available[^1])} is used instead of a faster one.";
        }
    }

    /// <summary>Why an instruction set can't be used here, as a whole sentence; null where it can.</summary>
    public string? Lack(CpuInstructionSet instructionSet) => instructionSet switch
    {
        CpuInstructionSet.Portable => null,
        CpuInstructionSet.Avx2 => HasAvx2 ? null : "This processor, or the runtime's settings (DOTNET_EnableAVX2), give no AVX2 with FMA.",
        CpuInstructionSet.Avx512 => HasAvx512 ? null : $"{NoAvx512}.",
        CpuInstructionSet.Avx512Vnni => !HasAvx512Bytes ? $"{NoAvx512} with BW and VBMI." : !HasVnni ? "This processor has no AVX512-VNNI." : CodeProblem,
        CpuInstructionSet.Avx512Bf16 => Lack(CpuInstructionSet.Avx512Vnni) ?? (HasBrainFloats ? null : "This processor has no AVX512-BF16."),
        _ => Lack(CpuInstructionSet.Avx512Bf16) ?? (HasTiles ? TileProblem : "This processor has no AMX-INT8 and AMX-BF16."),
    };

    /// <summary>Asks processor, runtime and operating system.</summary>
    internal static CpuFeatures Detect()
    {
        var features = new CpuFeatures
        {
            HasAvx2 = Avx2.IsSupported && Fma.IsSupported,
            HasAvx512 = Avx512F.IsSupported && Avx512F.X64.IsSupported,
            HasAvx512Bytes = Avx512F.X64.IsSupported && Avx512BW.IsSupported && Avx512Vbmi.IsSupported,
        };
        if (!features.HasAvx512Bytes) return features;
        var (_, _, ecx, edx) = X86Base.CpuId(7, 0);
        const int tiles = 1 << 22 | 1 << 24 | 1 << 25;
        features = features with
        {
            HasVnni = (ecx & 1 << 11) != 0,
            HasBrainFloats = (X86Base.CpuId(7, 1).Eax & 1 << 5) != 0,
            HasTiles = (edx & tiles) == tiles,
        };
        try
        {
            var state = ExtendedState.Read();
            return features with
            {
                CodeProblem = (state & ExtendedState.Vectors) == ExtendedState.Vectors ? null : "The operating system doesn't keep AVX-512 registers.",
                TileProblem = features.HasTiles ? ExtendedState.RequestTiles(state) : null,
            };
        }
        catch (ExecutableMemoryException exception)
        {
            return features with { CodeProblem = exception.Message };
        }
    }
}
