using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Widens a tile to float32, for blocks of so many query rows that doing it once pays; scales stay in the cache.
/// </summary>
/// <remarks>
/// <code>
///  per 16 tokens:   keys [headDim][16]   values [16][width]     width = headDim rounded up to 32; columns from headDim on hold anything
/// </code>
/// </remarks>
internal static unsafe class KvPanel<TSimd, TVec, TCode>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
    where TCode : struct, IKvCode
{
    /// <summary>Floats that a panel needs.</summary>
    public static int Floats(int headDim) => KvTile.Tokens * (KeyDim(headDim) + AttentionKernel.PaddedWidth(headDim));

    /// <summary>Widens the first <paramref name="tokens"/> tokens of <paramref name="tile"/>.</summary>
    /// <param name="tile">A tile of the cache.</param>
    /// <param name="headDim">Width of one head.</param>
    /// <param name="tokens">Tokens in the tile, 1 to 64.</param>
    /// <param name="panel">Where to.</param>
    /// <param name="blocks">Room for the addresses of the panel's blocks.</param>
    /// <returns>The panel.</returns>
    public static KvTile Widen(in KvTile tile, int headDim, int tokens, float* panel, float** blocks)
    {
        var keyWords = tile.KeyWords * TCode.PerWord;
        var width = AttentionKernel.PaddedWidth(headDim);
        for (var i = 0; i < KvTile.BlockCount; i++, tokens -= KvCache.BlockTokens, panel += KvCache.BlockTokens * (keyWords + width))
        {
            blocks[i] = panel;
            if (tokens <= 0) continue;
            var source = tile.Block(i);
            var ahead = (nint)tile.Next(i) - (nint)source;
            var valueWords = (Math.Min(tokens, KvCache.BlockTokens) + TCode.PerWord - 1) / TCode.PerWord;
            Widen(source, tile.KeyWords, KvCache.BlockTokens, ahead, panel, KvCache.BlockTokens);
            Widen(source + tile.ValueOffset, valueWords, headDim, ahead, panel + (keyWords * KvCache.BlockTokens), width);
        }

        return new KvTile((nint)blocks, (nint)blocks, keyWords, width);
    }

    private static int KeyDim(int headDim) => (headDim + TCode.PerWord - 1) / TCode.PerWord * TCode.PerWord;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(float* source, int words, int columns, nint ahead, float* target, int stride)
    {
        var unit = TSimd.Broadcast(TCode.Unit * TCode.Unit);
        for (var word = 0; word < words; word++, source += columns, target += TCode.PerWord * stride)
        {
            for (var column = 0; column < columns; column += TSimd.Lanes)
            {
                var codes = TSimd.Load(source + column);
                if (column % KvCache.BlockTokens == 0) AttentionKernel.Prefetch(source + column, ahead);
                var row = target + column;
                for (var i = 0; i < TCode.PerWord; i++, row += stride)
                {
                    var value = TCode.Decode<TSimd, TVec>(codes);
                    TSimd.Store(row, TCode.Unit == 1 ? value : TSimd.Multiply(value, unit));
                    codes = TCode.Next<TSimd, TVec>(codes);
                }
            }
        }
    }
}
