using Dray.Inference.Compute;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Rotary embedding of queries and keys, and the keys' and values' way into the cache: one launch for all, or each alone.</summary>
/// <remarks>
/// A group works for one token: on the key or the value of one KV head, or on a share of the query heads. The scale of an fp8 head is found as
/// <see cref="KvHeadScale"/> finds it, to the bit: a thread sums one lane of one candidate.
/// </remarks>
internal sealed class RotateAndWriteKv(Accelerator accelerator)
{
    /// <summary>The widest head.</summary>
    public const int MaxHeadDim = 256;

    private const int Threads = KvHeadScale.Candidates * KvHeadScale.Lanes;
    private const int Strips = 16;
    private const int PairsPerGroup = 4 * Threads;

    private readonly int _threads = AttentionTile.ThreadsOn(accelerator);
    private readonly Action<AcceleratorStream, KernelConfig, Arguments> _kernel = accelerator.LoadKernel<Arguments>(Kernel);

    /// <summary>
    /// Rotates <paramref name="q"/> in place and stores the rotated keys and the values. <paramref name="k"/> itself is left as it was:
    /// nobody reads it any more.
    /// </summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="q">[M, heads · headDim].</param>
    /// <param name="k">[M, kvHeads · headDim].</param>
    /// <param name="v">As k.</param>
    /// <param name="cos">[M, headDim / 2].</param>
    /// <param name="sin">As cos.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="layer">Which layer of it.</param>
    /// <param name="layout">The step's layout, uploaded.</param>
    public void Run(
        AcceleratorStream stream, DeviceTensor q, DeviceTensor k, DeviceTensor v, DeviceTensor cos, DeviceTensor sin, DeviceKvCache cache, int layer, DeviceLayout layout) =>
        Launch(stream, new Arguments
        {
            Q = q, K = k, V = v, Cos = cos, Sin = sin, Rotate = 1,
            Words = cache.Layer(layer), Slots = layout.Slots, Geometry = cache.Geometry, HeadDim = cache.Shape.HeadDim, HeadJobs = 2 * cache.Shape.KvHeads,
        });

    /// <summary>Stores keys and values as they are.</summary>
    public void Write(AcceleratorStream stream, DeviceTensor k, DeviceTensor v, DeviceKvCache cache, int layer, DeviceLayout layout) =>
        Launch(stream, new Arguments
        {
            Q = new DeviceTensor(k.Data, k.Rows, 0, k.Stride), K = k, V = v, Cos = k, Sin = k,
            Words = cache.Layer(layer), Slots = layout.Slots, Geometry = cache.Geometry, HeadDim = cache.Shape.HeadDim, HeadJobs = 2 * cache.Shape.KvHeads,
        });

    /// <summary>Rotates each head of <paramref name="x"/> [M, heads · headDim] in place, as <see cref="IComputeBackend.Rope"/>.</summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="x">The heads.</param>
    /// <param name="headDim">Width of one.</param>
    /// <param name="cos">[M, headDim / 2].</param>
    /// <param name="sin">As cos.</param>
    public void Rotate(AcceleratorStream stream, DeviceTensor x, int headDim, DeviceTensor cos, DeviceTensor sin) =>
        Launch(stream, new Arguments
        {
            Q = x, K = x, V = x, Cos = cos, Sin = sin, Rotate = 1, HeadDim = headDim,
            Words = x.Data.Cast<uint>(), Slots = x.Data.Cast<int>(),
        });

    private void Launch(AcceleratorStream stream, Arguments arguments)
    {
        var pairs = arguments.Q.Columns / 2;
        var groups = arguments.HeadJobs + ((pairs + PairsPerGroup - 1) / PairsPerGroup);
        if (arguments.Q.Rows == 0 || groups == 0) return;
        _kernel(stream, new KernelConfig(new Index3D(arguments.Q.Rows, groups, 1), new Index3D(_threads, 1, 1)), arguments);
    }

    /// <summary>All groups meet at all barriers, whatever they have to do: some OpenCL compilers break those that are passed by condition.</summary>
    [Kernel(Traits = KernelTraits.Hot)]
    internal static void Kernel(Arguments a)
    {
        var head = SharedMemory.Allocate<float>(MaxHeadDim);
        var sums = SharedMemory.Allocate<float>(Threads);
        var strips = SharedMemory.Allocate<int>(Strips);
        var (token, kvHead, isValue) = (Grid.IdxX, Grid.IdxY / 2, Grid.IdxY % 2);
        var isHead = Grid.IdxY < a.HeadJobs;
        var isScaled = isHead && a.Geometry.PerWord == 4;
        if (!isHead) RotateQueries(a, token, (Grid.IdxY - a.HeadJobs) * PairsPerGroup);
        else if (isValue == 0) LoadKey(a, token, kvHead, head);
        else LoadValue(a, token, kvHead, head);
        Group.Barrier();
        if (isScaled) FindLargest(head, strips, a.HeadDim);
        Group.Barrier();
        var smallest = isScaled ? SmallestScale(strips) : 1;
        if (isScaled) TryScales(head, sums, smallest, a.HeadDim);
        Group.Barrier();
        if (!isHead) return;

        var slot = a.Slots[token];
        var inBlock = slot % KvCache.BlockTokens;
        var block = a.Geometry.Block(slot / KvCache.BlockTokens, kvHead);
        var scale = isScaled ? BestScale(sums, smallest) : 1;
        if (isScaled && Group.IdxX == 0) a.Words[block + a.Geometry.Scale(inBlock) + (isValue * KvCache.BlockTokens)] = Interop.FloatAsInt(scale);
        if (isValue == 0) StoreKey(a, head, block + a.Geometry.Key(inBlock), scale);
        else StoreValue(a, head, block, inBlock, scale);
    }

    private static void RotateQueries(Arguments a, int token, int firstPair)
    {
        var half = a.HeadDim / 2;
        var end = Math.Min(firstPair + PairsPerGroup, a.Q.Columns / 2);
        for (var pair = firstPair + Group.IdxX; pair < end; pair += Group.DimX)
        {
            var i = pair % half;
            var at = ((long)token * a.Q.Stride) + (pair / half * a.HeadDim) + i;
            var (x, y) = (a.Q.Data[at], a.Q.Data[at + half]);
            var (cos, sin) = (a.Cos.Data[((long)token * a.Cos.Stride) + i], a.Sin.Data[((long)token * a.Sin.Stride) + i]);
            a.Q.Data[at] = ExactMath.Multiply(x, cos) - ExactMath.Multiply(y, sin);
            a.Q.Data[at + half] = ExactMath.Multiply(y, cos) + ExactMath.Multiply(x, sin);
        }
    }

    /// <summary>Brings a key into shared memory, rotated if need be.</summary>
    private static void LoadKey(Arguments a, int token, int kvHead, ArrayView<float> head)
    {
        var half = a.HeadDim / 2;
        var at = ((long)token * a.K.Stride) + (kvHead * a.HeadDim);
        if (a.Rotate == 0)
        {
            for (var d = Group.IdxX; d < a.HeadDim; d += Group.DimX) head[d] = a.K.Data[at + d];
            return;
        }

        for (var i = Group.IdxX; i < half; i += Group.DimX)
        {
            var (x, y) = (a.K.Data[at + i], a.K.Data[at + half + i]);
            var (cos, sin) = (a.Cos.Data[((long)token * a.Cos.Stride) + i], a.Sin.Data[((long)token * a.Sin.Stride) + i]);
            head[i] = ExactMath.Multiply(x, cos) - ExactMath.Multiply(y, sin);
            head[half + i] = ExactMath.Multiply(y, cos) + ExactMath.Multiply(x, sin);
        }
    }

    private static void LoadValue(Arguments a, int token, int kvHead, ArrayView<float> head)
    {
        var at = ((long)token * a.V.Stride) + (kvHead * a.HeadDim);
        for (var d = Group.IdxX; d < a.HeadDim; d += Group.DimX) head[d] = a.V.Data[at + d];
    }

    /// <summary>The bits of the largest magnitude of each strip; those of a NaN exceed any number's.</summary>
    private static void FindLargest(ArrayView<float> head, ArrayView<int> strips, int headDim)
    {
        for (var strip = Group.IdxX; strip < Strips; strip += Group.DimX)
        {
            var found = 0;
            for (var d = strip; d < headDim; d += Strips) found = Math.Max(found, (int)(Interop.FloatAsInt(head[d]) & 0x7FFFFFFF));
            strips[strip] = found;
        }
    }

    /// <summary>The first scale to try, as <see cref="KvHeadScale.Smallest"/>; NaN if a number is NaN.</summary>
    private static float SmallestScale(ArrayView<int> strips)
    {
        const int infinity = 0x7F800000;
        var bits = 0;
        for (var strip = 0; strip < Strips; strip++) bits = Math.Max(bits, strips[strip]);
        if (bits > infinity) return float.NaN;
        var largest = bits == infinity ? float.MaxValue : Interop.IntAsFloat((uint)bits);
        var smallest = largest / Fp8E4M3.MaxValue;
        return smallest < MinNormal ? 1 : smallest;
    }

    /// <summary>The squared errors of every candidate by lane, as <see cref="KvHeadScale.Of"/> sums them.</summary>
    private static void TryScales(ArrayView<float> head, ArrayView<float> sums, float smallest, int headDim)
    {
        for (var i = Group.IdxX; i < Threads; i += Group.DimX)
        {
            var inverse = 1 / (smallest * KvHeadScale.Factor(i / KvHeadScale.Lanes));
            var sum = 0f;
            for (var d = i % KvHeadScale.Lanes; d < headDim; d += KvHeadScale.Lanes)
            {
                var scaled = ExactMath.Multiply(head[d], inverse);
                var bits = Interop.FloatAsInt(scaled);
                var error = scaled - Interop.IntAsFloat((bits + 0x7FFFF + ((bits >> 20) & 1)) & 0xFFF00000);
                sum += ExactMath.Multiply(error, error);
            }

            sums[i] = sum;
        }
    }

    /// <summary>Every thread makes the same choice by itself.</summary>
    private static float BestScale(ArrayView<float> sums, float smallest)
    {
        const uint infinity = 0x7F800000;
        var least = infinity;
        var best = 1f;
        for (var candidate = 0; candidate < KvHeadScale.Candidates; candidate++)
        {
            var at = candidate * KvHeadScale.Lanes;
            var sum = ((sums[at] + sums[at + 4]) + (sums[at + 2] + sums[at + 6])) + ((sums[at + 1] + sums[at + 5]) + (sums[at + 3] + sums[at + 7]));
            var factor = KvHeadScale.Factor(candidate);

            // Compared as integers: in OpenCL a NaN can pass for less.
            var error = Interop.FloatAsInt(sum * factor * factor);
            if (error < least) (least, best) = (error, factor);
        }

        return smallest * best;
    }

    private static void StoreKey(Arguments a, ArrayView<float> head, long at, float scale)
    {
        for (var w = Group.IdxX; w < a.Geometry.HeadWords; w += Group.DimX)
        {
            var d = w * a.Geometry.PerWord;
            var word = 0u;
            for (var i = 0; i < a.Geometry.PerWord; i++)
            {
                if (d + i < a.HeadDim) word |= Encode(head[d + i], scale, a.Geometry.PerWord) << (32 / a.Geometry.PerWord * i);
            }

            a.Words[at + w] = word;
        }
    }

    private static void StoreValue(Arguments a, ArrayView<float> head, long block, int inBlock, float scale)
    {
        var bytes = a.Words.Cast<byte>();
        var halves = a.Words.Cast<ushort>();
        for (var d = Group.IdxX; d < a.HeadDim; d += Group.DimX)
        {
            var at = block + a.Geometry.Value(inBlock, d);
            var code = Encode(head[d], scale, a.Geometry.PerWord);
            if (a.Geometry.PerWord == 4) bytes[(4 * at) + (inBlock % 4)] = (byte)code;
            else if (a.Geometry.PerWord == 2) halves[(2 * at) + (inBlock % 2)] = (ushort)code;
            else a.Words[at] = code;
        }
    }

    private static uint Encode(float value, float scale, int perWord)
    {
        if (perWord == 4) return Fp8Codec.Encode(value / scale);
        return perWord == 2 ? BFloat16Codec.Encode(value) : Interop.FloatAsInt(value);
    }

    private const float MinNormal = 1.17549435e-38f;

    internal struct Arguments
    {
        public DeviceTensor Q;
        public DeviceTensor K;
        public DeviceTensor V;
        public DeviceTensor Cos;
        public DeviceTensor Sin;
        public ArrayView<uint> Words;
        public ArrayView<int> Slots;
        public KvGeometry Geometry;
        public int HeadDim;
        public int HeadJobs;
        public int Rotate;
    }
}
