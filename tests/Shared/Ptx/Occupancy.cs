namespace Dray.Tests.Ptx;

/// <summary>How many groups of a kernel a multiprocessor holds at once (CUDA C++ programming guide, compute capabilities).</summary>
/// <param name="Groups">Groups.</param>
/// <param name="Share">Their warps, of those that the multiprocessor can hold.</param>
internal readonly record struct Occupancy(int Groups, double Share)
{
    /// <summary>Threads of a group where the kernel doesn't say.</summary>
    public const int AssumedThreads = 256;

    private const int WarpThreads = 32;
    private const int Registers = 65536;

    // Registers of a warp are given out in units of this many; the driver keeps a kibibyte of shared memory per group for itself.
    private const int RegisterUnit = 256;
    private const int ReservedSharedBytes = 1024;

    /// <summary>The occupancy of a kernel's code.</summary>
    public static Occupancy Of(string architecture, MachineCode code, int threads)
    {
        var (warps, groups, sharedBytes) = Limits(architecture);
        var groupWarps = (threads + WarpThreads - 1) / WarpThreads;
        var warpRegisters = ((code.Registers * WarpThreads) + RegisterUnit - 1) / RegisterUnit * RegisterUnit;
        var fitting = Math.Min(
            Math.Min(groups, warps / groupWarps),
            Math.Min(Registers / warpRegisters / groupWarps, sharedBytes / (code.SharedBytes + ReservedSharedBytes)));
        return new Occupancy(fitting, (double)fitting * groupWarps / warps);
    }

    private static (int Warps, int Groups, int SharedBytes) Limits(string architecture) => architecture switch
    {
        "sm_80" => (64, 32, 164 << 10),
        "sm_90" => (64, 32, 228 << 10),
        "sm_120" => (48, 24, 100 << 10),
        _ => throw new ArgumentException($"The limits of {architecture} are not known here; add them.", nameof(architecture)),
    };
}
