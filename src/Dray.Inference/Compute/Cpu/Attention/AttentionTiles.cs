namespace Dray.Inference.Compute.Cpu;

/// <summary>The two products of attention over keys and values in one code, by row count.</summary>
internal static unsafe class AttentionTiles<TSimd, TVec, TCode>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
    where TCode : struct, IWeightCode
{
    public static readonly delegate*<TileArguments*, void>[] Scores = TileKernel<TSimd, TVec>.Table<TCode, TileUses.Scores>();

    public static readonly delegate*<TileArguments*, void>[] Values = TileKernel<TSimd, TVec>.Table<TCode, TileUses.Values>();
}
