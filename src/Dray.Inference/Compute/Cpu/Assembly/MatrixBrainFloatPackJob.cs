using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Rounds rows to bf16 for <see cref="MatrixBrainFloatInputs"/>, as <see cref="BrainFloatPackJob"/> does.</summary>
internal readonly unsafe struct MatrixBrainFloatPackJob(RowView x, TileSplit split, MatrixBrainFloatInputs form, byte* target) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(split.Rows))
        {
            for (var row = first; row < end; row++)
            {
                var tile = split.TileOf(row);
                var (firstRow, height) = (split.FirstRow(tile), split.Height(tile));
                var start = target + ((nint)firstRow * form.RowBytes) + ((row - firstRow) * MatrixTiles.RowBytes);
                Pack(x.Row(row), x.Columns, (ushort*)start, height * MatrixTiles.RowBytes / sizeof(ushort));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* source, int length, ushort* step, int stride)
    {
        const int lanes = 16;
        for (var i = 0; i < length; i += 2 * lanes, step += stride)
        {
            for (var half = 0; half < 2; half++)
            {
                var left = length - i - (half * lanes);
                var mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(left)).AsSingle();
                var values = left >= lanes ? Vector512.Load(source + i + (half * lanes))
                    : left <= 0 ? Vector512<float>.Zero
                    : Avx512F.MaskLoad(source + i + (half * lanes), mask, Vector512<float>.Zero);
                Avx512F.ConvertToVector256UInt16(BrainFloatPackJob.Round(values) >> 16).Store(step + (half * lanes));
            }
        }
    }
}
