using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Hashes memory on all threads: XXH3 of each piece of 4 MiB, and then of the pieces' hashes.</summary>
internal readonly unsafe struct PieceHashJob(byte* data, long bytes, ulong[] hashes) : ITeamJob
{
    private const int PieceBytes = 4 << 20;

    public static ulong Hash(ThreadTeam team, byte* data, long bytes)
    {
        var hashes = new ulong[(bytes + PieceBytes - 1) / PieceBytes];
        team.Run(new PieceHashJob(data, bytes, hashes), team.Size);
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes<ulong>(hashes));
    }

    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(hashes.Length))
        {
            for (var i = first; i < end; i++)
            {
                var start = (long)i * PieceBytes;
                hashes[i] = XxHash3.HashToUInt64(new ReadOnlySpan<byte>(data + start, (int)Math.Min(PieceBytes, bytes - start)));
            }
        }
    }
}
