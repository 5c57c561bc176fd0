using System.Runtime.CompilerServices;
using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>bf16: words are pairs already; four steps or tiles take two chunks.</summary>
internal readonly struct BFloat16Fragments : IFragmentCodec
{
    public bool HasScales => false;

    public int QueryStep => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TokenOf(int tile, int column) => (column / 2 * 4) + (column % 2) + (2 * tile);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int QueryDim(int step, int t, int register) => (8 * (t + (step / 2 * 4))) + (step % 2 * 4) + (2 * register);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ValueDim(int tile, int column) => (tile / 2 * 16) + (2 * column) + (tile % 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Fragments Keys(ArrayView<Word4> chunks, long key, int group, int t) => Arrange(chunks[key + t + (8 * group)], chunks[key + t + (8 * group) + 4]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Fragments Values(ArrayView<Word4> chunks, long values, int group, int lane, int count)
    {
        var (first, second) = (chunks[values + (64 * group) + lane], chunks[values + (64 * group) + 32 + lane]);
        var low = count >= 2 ? 0xFFFFFFFF : count == 1 ? 0xFFFFu : 0;
        var high = count >= 4 ? 0xFFFFFFFF : count == 3 ? 0xFFFFu : 0;
        return Arrange(
            new Word4(first.X & low, first.Y & high, first.Z & low, first.W & high),
            new Word4(second.X & low, second.Y & high, second.Z & low, second.W & high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Fragments Arrange(Word4 first, Word4 second) => new(
        new Word4(first.X, first.Z, second.X, second.Z), new Word4(first.Y, first.W, second.Y, second.W));
}
