using System.Runtime.CompilerServices;
using Dray.Inference.Compute;
using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// Paged attention on tensor cores, for heads of 64 and 128 in fp8 or bf16. A warp works by itself: on 16 rows of a prompt, or on one KV
/// partition of a decode. The query heads of a KV head share every load, and a prompt's warps that read the same keys lie in one group.
/// </summary>
internal static class WarpAttentionKernel
{
    /// <summary>Warps of a group.</summary>
    public const int Warps = 4;

    private const int Threads = Warps * WarpProduct.Lanes;
    private const KernelTraits Traits = KernelTraits.Hot | KernelTraits.TensorCores | KernelTraits.VectorLoads;

    /// <summary>Runs of prompts. Grid: (runs, KV heads × row tiles / <see cref="Warps"/>, rounded up).</summary>
    [Kernel(TypeArguments = [typeof(Fp8Fragments), typeof(Width64)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Fp8Fragments), typeof(Width128)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(BFloat16Fragments), typeof(Width64)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(BFloat16Fragments), typeof(Width128)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    public static void Prompt<TCodec, TWidth>(PagedArguments a)
        where TCodec : struct, IFragmentCodec
        where TWidth : struct, IHeadWidth
    {
        var product = WarpProduct.Create();
        var queries = Queries<TCodec, TWidth>();
        var heads = a.Heads / a.Geometry.KvHeads;
        var entry = Grid.IdxX * DeviceLayout.Entry;
        var (token, tokens, position, firstBlock) = (a.Entries[entry], a.Entries[entry + 1], a.Entries[entry + 2], a.Entries[entry + 3]);
        var shares = (heads + Warps - 1) / Warps;
        var kvHead = Grid.IdxY / shares;
        var firstRow = ((Grid.IdxY % shares * Warps) + (Group.IdxX / WarpProduct.Lanes)) * TileRows.Count;
        var rows = Math.Min(TileRows.Count, (tokens * heads) - firstRow);
        if (rows <= 0) return;

        var (upper, lower) = (Row(firstRow), Row(firstRow) + 8);
        var (upperToken, lowerToken) = (upper / heads, lower / heads);
        var upperAt = At(a.Q.Stride, upper, tokens, heads, token, kvHead, a.Geometry.HeadDim);
        var lowerAt = At(a.Q.Stride, lower, tokens, heads, token, kvHead, a.Geometry.HeadDim);
        WarpTile<TCodec, TWidth>.LoadQueries(a.Q, upperAt, lowerAt, queries);
        var context = position + ((firstRow + rows - 1) / heads) + 1;
        var (upperSees, lowerSees) = (position + upperToken + 1, position + lowerToken + 1);
        var total = WarpTile<TCodec, TWidth>.Empty();
        for (var first = 0; first < context; first += KvPartition.Tokens)
        {
            var tile = WarpTile<TCodec, TWidth>.Empty();
            Partition(product, ref tile, a, queries, firstBlock, kvHead, first, upperSees, lowerSees, context);
            if (first == 0) total = tile;
            else Merge(ref total, tile);
        }

        upperAt = At(a.Y.Stride, upper, tokens, heads, token, kvHead, a.Geometry.HeadDim);
        lowerAt = At(a.Y.Stride, lower, tokens, heads, token, kvHead, a.Geometry.HeadDim);
        Store<TCodec, TWidth>(a.Y.Data, total, upperAt, lowerAt, total.WeightUpper, total.WeightLower);
    }

    /// <summary>Decodes, into partial results. Grid: (decodes, KV heads × row tiles, partitions at a time / <see cref="Warps"/>).</summary>
    [Kernel(TypeArguments = [typeof(Fp8Fragments), typeof(Width64)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Fp8Fragments), typeof(Width128)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(BFloat16Fragments), typeof(Width64)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(BFloat16Fragments), typeof(Width128)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    public static void Decode<TCodec, TWidth>(PagedArguments a)
        where TCodec : struct, IFragmentCodec
        where TWidth : struct, IHeadWidth
    {
        var product = WarpProduct.Create();
        var queries = Queries<TCodec, TWidth>();
        var heads = a.Heads / a.Geometry.KvHeads;
        var tiles = (heads + TileRows.Count - 1) / TileRows.Count;
        var entry = Grid.IdxX * DeviceLayout.Entry;
        var (token, position, firstBlock, firstPartial) = (a.Entries[entry], a.Entries[entry + 1], a.Entries[entry + 2], a.Entries[entry + 3]);
        var kvHead = Grid.IdxY / tiles;
        var (upper, lower) = (Row(Grid.IdxY % tiles * TileRows.Count), Row(Grid.IdxY % tiles * TileRows.Count) + 8);
        var partition = (Grid.IdxZ * Warps) + (Group.IdxX / WarpProduct.Lanes);
        if (partition * KvPartition.Tokens > position) return;

        var dim = a.Geometry.HeadDim;
        WarpTile<TCodec, TWidth>.LoadQueries(
            a.Q, At(a.Q.Stride, upper, 1, heads, token, kvHead, dim), At(a.Q.Stride, lower, 1, heads, token, kvHead, dim), queries);
        for (; partition * KvPartition.Tokens <= position; partition += Grid.DimZ * Warps)
        {
            var tile = WarpTile<TCodec, TWidth>.Empty();
            Partition(product, ref tile, a, queries, firstBlock, kvHead, partition * KvPartition.Tokens, position + 1, position + 1, position + 1);
            var stride = DecodeAttentionKernel.PartialFloats(dim);
            var upperAt = PartialAt(upper, heads, kvHead, ((long)(firstPartial + partition) * a.Heads), stride);
            var lowerAt = PartialAt(lower, heads, kvHead, ((long)(firstPartial + partition) * a.Heads), stride);
            Store<TCodec, TWidth>(a.Partials, tile, upperAt, lowerAt, 1, 1);
            if (Group.IdxX % 4 != 0) continue;
            if (upperAt >= 0) (a.Partials[upperAt + dim], a.Partials[upperAt + dim + 1]) = (tile.WeightUpper, tile.LargestUpper);
            if (lowerAt >= 0) (a.Partials[lowerAt + dim], a.Partials[lowerAt + dim + 1]) = (tile.WeightLower, tile.LargestLower);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ArrayView<Word4> Queries<TCodec, TWidth>()
        where TCodec : struct, IFragmentCodec
        where TWidth : struct, IHeadWidth
    {
        var all = SharedMemory.Allocate<Word4>(Warps * WarpTile<TCodec, TWidth>.QueryWords);
        return all.SubView(Group.IdxX / WarpProduct.Lanes * WarpTile<TCodec, TWidth>.QueryWords, WarpTile<TCodec, TWidth>.QueryWords);
    }

    /// <summary>The lane's upper row of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Row(int firstRow) => firstRow + (Group.IdxX % WarpProduct.Lanes / 4);

    /// <summary>Where a row's head begins, or −1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long At(int stride, int row, int tokens, int heads, int token, int kvHead, int headDim) =>
        row < tokens * heads ? ((long)(token + (row / heads)) * stride) + (((kvHead * heads) + (row % heads)) * headDim) : -1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long PartialAt(int row, int heads, int kvHead, long first, int stride) => row < heads ? (first + (kvHead * heads) + row) * stride : -1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Partition<TCodec, TWidth>(
        WarpProduct product, ref WarpTile<TCodec, TWidth> tile, PagedArguments a, ArrayView<Word4> queries, int firstBlock, int kvHead, int first, int upperSees, int lowerSees, int context)
        where TCodec : struct, IFragmentCodec
        where TWidth : struct, IHeadWidth
    {
        var end = Math.Min(first + KvPartition.Tokens, context);
        for (var at = first; at < end; at += KvCache.BlockTokens)
        {
            var block = a.Geometry.Block(a.Blocks[firstBlock + (at / KvCache.BlockTokens)], kvHead);
            tile.Attend(product, a.Words, queries, block, a.Geometry, upperSees - at, lowerSees - at, context - at);
        }

        tile.Finish();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Merge<TCodec, TWidth>(ref WarpTile<TCodec, TWidth> total, WarpTile<TCodec, TWidth> tile)
        where TCodec : struct, IFragmentCodec
        where TWidth : struct, IHeadWidth
    {
        // A row that sees nothing of the partition is multiplied by 1 and 0 is added.
        var upper = new PartitionMerge(total.LargestUpper, tile.LargestUpper);
        var lower = new PartitionMerge(total.LargestLower, tile.LargestLower);
        total.G0.Merge(tile.G0, upper, lower);
        total.G1.Merge(tile.G1, upper, lower);
        if (default(TWidth).Groups == 4)
        {
            total.G2.Merge(tile.G2, upper, lower);
            total.G3.Merge(tile.G3, upper, lower);
        }

        total.WeightUpper = upper.Of(total.WeightUpper, tile.WeightUpper);
        total.WeightLower = lower.Of(total.WeightLower, tile.WeightLower);
        (total.LargestUpper, total.LargestLower) = (upper.Largest, lower.Largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TCodec, TWidth>(ArrayView<float> target, WarpTile<TCodec, TWidth> tile, long upper, long lower, float upperWeight, float lowerWeight)
        where TCodec : struct, IFragmentCodec
        where TWidth : struct, IHeadWidth
    {
        StoreGroup<TCodec>(target, tile.G0, 0, upper, lower, upperWeight, lowerWeight);
        StoreGroup<TCodec>(target, tile.G1, 4, upper, lower, upperWeight, lowerWeight);
        if (default(TWidth).Groups < 4) return;
        StoreGroup<TCodec>(target, tile.G2, 8, upper, lower, upperWeight, lowerWeight);
        StoreGroup<TCodec>(target, tile.G3, 12, upper, lower, upperWeight, lowerWeight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreGroup<TCodec>(ArrayView<float> target, TileGroup group, int tile, long upper, long lower, float upperWeight, float lowerWeight)
        where TCodec : struct, IFragmentCodec
    {
        StoreTile<TCodec>(target, group.T0, tile, upper, lower, upperWeight, lowerWeight);
        StoreTile<TCodec>(target, group.T1, tile + 1, upper, lower, upperWeight, lowerWeight);
        StoreTile<TCodec>(target, group.T2, tile + 2, upper, lower, upperWeight, lowerWeight);
        StoreTile<TCodec>(target, group.T3, tile + 3, upper, lower, upperWeight, lowerWeight);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTile<TCodec>(ArrayView<float> target, Quad sums, int tile, long upper, long lower, float upperWeight, float lowerWeight)
        where TCodec : struct, IFragmentCodec
    {
        var t = Group.IdxX % 4;
        var (d0, d1) = (default(TCodec).ValueDim(tile, 2 * t), default(TCodec).ValueDim(tile, (2 * t) + 1));
        if (upper >= 0) (target[upper + d0], target[upper + d1]) = (sums.X / upperWeight, sums.Y / upperWeight);
        if (lower >= 0) (target[lower + d0], target[lower + d1]) = (sums.Z / lowerWeight, sums.W / lowerWeight);
    }
}
