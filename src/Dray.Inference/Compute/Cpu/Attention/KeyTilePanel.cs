using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Widens a key tile to float32, for blocks of so many query rows that doing it once pays. Codes only: scales stay beside them.</summary>
/// <remarks>
/// <code>
///  keys [headDim][32]   values [32][width]       width = headDim rounded up to 32; columns from headDim on hold anything
/// </code>
/// </remarks>
internal static unsafe class KeyTilePanel<TSimd, TVec, TCode>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
    where TCode : struct, IWeightCode
{
    /// <summary>Floats that a panel needs.</summary>
    public static int Floats(int headDim) => TileUses.Width * (PaddedDim(headDim) + HostKvCache.PaddedWidth(headDim));

    /// <summary>Widens <paramref name="tile"/>.</summary>
    /// <param name="tile">A tile of the cache.</param>
    /// <param name="headDim">Width of one head.</param>
    /// <param name="count">Tokens in the tile, 1 to 32.</param>
    /// <param name="panel">Where to.</param>
    public static KeyTile Widen(in KeyTile tile, int headDim, int count, float* panel)
    {
        const int half = TileUses.Width / 2;
        var width = HostKvCache.PaddedWidth(headDim);
        var values = panel + (TileUses.Width * PaddedDim(headDim));
        var words = PaddedDim(headDim) / TCode.PerWord;
        Widen(tile.Low, tile.KeyStride, words, half, panel, TileUses.Width);
        if (count > half) Widen(tile.High, tile.KeyStride, words, half, panel + half, TileUses.Width);
        Widen(tile.Value, tile.ValueStride, Words(Math.Min(count, half)), headDim, values, width);
        if (count > half)
        {
            var next = tile.Value + (Words(half) * tile.ValueStride) + tile.ValueJump;
            Widen(next, tile.ValueStride, Words(count - half), headDim, values + (half * width), width);
        }

        return new KeyTile((nint)panel, (nint)(panel + half), TileUses.Width, (nint)values, width, 0, tile.LowScales, tile.HighScales);
    }

    private static int Words(int count) => (count + TCode.PerWord - 1) / TCode.PerWord;

    private static int PaddedDim(int headDim) => Words(headDim) * TCode.PerWord;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(float* source, nint sourceStride, int words, int columns, float* target, nint targetStride)
    {
        for (var word = 0; word < words; word++, source += sourceStride, target += TCode.PerWord * targetStride)
        {
            for (var column = 0; column < columns; column += TSimd.Lanes)
            {
                var codes = TSimd.Load(source + column);
                var row = target + column;
                for (var i = 0; i < TCode.PerWord; i++, row += targetStride)
                {
                    TSimd.Store(row, TCode.Decode<TSimd, TVec>(codes, default, default));
                    codes = TCode.Next<TSimd, TVec>(codes);
                }
            }
        }
    }
}
