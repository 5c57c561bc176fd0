namespace Dray.Inference.Compute.Cpu;

/// <summary>The tile and panel kernels of one instruction set, by weight code.</summary>
internal static unsafe class MatMulKernels<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private static readonly delegate*<TileArguments*, void>[][] TileTables =
    [
        TileKernel<TSimd, TVec>.Table<WeightCodes.Nibbles>(),
        TileKernel<TSimd, TVec>.Table<WeightCodes.OffsetNibbles>(),
        TileKernel<TSimd, TVec>.Table<WeightCodes.Bytes>(),
        TileKernel<TSimd, TVec>.Table<WeightCodes.BrainFloats>(),
        TileKernel<TSimd, TVec>.Table<WeightCodes.Floats>(),
    ];

    /// <summary>Kernels by row count.</summary>
    public static delegate*<TileArguments*, void>[] Tiles(WeightCode code) => TileTables[(int)code];

    /// <summary>Unpacks a segment of a strip to float32.</summary>
    public static void Unpack(WeightCode code, float* words, int length, float codeZero, float* offsets, float* panel)
    {
        switch (code)
        {
            case WeightCode.Nibbles:
                PanelKernel<TSimd, TVec>.Unpack<WeightCodes.Nibbles>(words, length, codeZero, offsets, panel);
                break;
            case WeightCode.OffsetNibbles:
                PanelKernel<TSimd, TVec>.Unpack<WeightCodes.OffsetNibbles>(words, length, codeZero, offsets, panel);
                break;
            case WeightCode.Bytes:
                PanelKernel<TSimd, TVec>.Unpack<WeightCodes.Bytes>(words, length, codeZero, offsets, panel);
                break;
            case WeightCode.BrainFloats:
                PanelKernel<TSimd, TVec>.Unpack<WeightCodes.BrainFloats>(words, length, codeZero, offsets, panel);
                break;
            default:
                PanelKernel<TSimd, TVec>.Unpack<WeightCodes.Floats>(words, length, codeZero, offsets, panel);
                break;
        }
    }
}
