using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.Attention;
using Dray.Tests.Compute;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Tests.Attention;

/// <summary>What lies in the cache after a write is what the reference rounds to, to the bit.</summary>
public sealed class KvBitsTests
{
    private const int Tokens = 21;
    private const int KvHeads = 2;
    private static readonly int[] Blocks = [3, 1];

    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3, 128)]
    [InlineData(KvCacheDataType.Fp8E4M3, 22)]
    [InlineData(KvCacheDataType.BFloat16, 22)]
    [InlineData(KvCacheDataType.Float32, 22)]
    public void Write_EmulatedDevice_HoldsTheReferencesBits(KvCacheDataType dtype, int headDim) => Check(AttentionDevices.Emulated, dtype, headDim);

    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3, 128)]
    [InlineData(KvCacheDataType.Fp8E4M3, 22)]
    [InlineData(KvCacheDataType.BFloat16, 22)]
    public void Write_OpenCl_HoldsTheReferencesBits(KvCacheDataType dtype, int headDim) => Check(AttentionDevices.OpenCl, dtype, headDim);

    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3)]
    [InlineData(KvCacheDataType.Float32)]
    public void RotateAndWriteKv_OneLaunch_DoesWhatRopeAndWriteDo(KvCacheDataType dtype)
    {
        const int headDim = 64;
        using var backend = new AttentionBackend(AttentionDevices.Emulated);
        var layout = Layout();
        var shape = new KvCacheShape(1, 4, KvHeads, headDim, dtype);
        using var together = Cleared(shape, AttentionDevices.Emulated);
        using var apart = Cleared(shape, AttentionDevices.Emulated);
        var (q, q2) = (Make(backend, 1, 6 * headDim), Make(backend, 1, 6 * headDim));
        var (k, k2) = (Make(backend, 2, KvHeads * headDim), Make(backend, 2, KvHeads * headDim));
        var v = Make(backend, 3, KvHeads * headDim);
        var (cos, sin) = (Make(backend, 4, headDim / 2), Make(backend, 5, headDim / 2));
        backend.RotateAndWriteKv(together, 0, q, k, v, cos, sin, layout);
        backend.Rope(q2, headDim, cos, sin);
        backend.Rope(k2, headDim, cos, sin);
        backend.WriteKv(apart, 0, k2, v, layout);
        BackendPair.Download(backend, q).ShouldBe(BackendPair.Download(backend, q2));
        Words(together, AttentionDevices.Emulated).ShouldBe(Words(apart, AttentionDevices.Emulated));
    }

    private static void Check(Accelerator accelerator, KvCacheDataType dtype, int headDim)
    {
        using var backend = new AttentionBackend(accelerator);
        using var cache = Cleared(new KvCacheShape(1, 4, KvHeads, headDim, dtype), accelerator);
        var keys = Numbers(1, headDim);
        var values = Numbers(2, headDim);
        backend.WriteKv(cache, 0, BackendPair.Upload(backend, keys, Tokens, KvHeads * headDim), BackendPair.Upload(backend, values, Tokens, KvHeads * headDim), Layout());
        var (actual, expected) = (Words(cache, accelerator), Expected(cache, keys, values));
        var different = Enumerable.Range(0, expected.Length).Where(word => actual[word] != expected[word]);
        different.Select(word => $"word {word} is {actual[word]:x} where {expected[word]:x} was expected").ShouldBeEmpty();
    }

    /// <summary>Of every magnitude, with a head of zeros, one with an infinity, and one of subnormals.</summary>
    private static float[] Numbers(int seed, int headDim)
    {
        var numbers = BackendPair.Random(seed, Tokens * KvHeads * headDim);
        for (var i = 0; i < numbers.Length; i++) numbers[i] *= MathF.Pow(10, (i / headDim % 9) - 4);
        numbers.AsSpan(headDim, headDim).Clear();
        numbers[(2 * headDim) + 3] = float.PositiveInfinity;
        for (var d = 0; d < headDim; d++) numbers[(4 * headDim) + d] = 1e-40f * d;
        return numbers;
    }

    private static uint[] Expected(DeviceKvCache cache, float[] keys, float[] values)
    {
        var (geometry, headDim) = (cache.Geometry, cache.Shape.HeadDim);
        var words = new uint[4 * KvHeads * geometry.BlockWords];
        var bits = 32 / geometry.PerWord;
        for (var token = 0; token < Tokens; token++)
        {
            for (var head = 0; head < KvHeads; head++)
            {
                var at = (int)geometry.Block(Blocks[token / 16], head);
                var first = ((token * KvHeads) + head) * headDim;
                var (key, value) = (keys[first..(first + headDim)], values[first..(first + headDim)]);
                var (keyScale, valueScale) = geometry.PerWord == 4 ? (KvHeadScale.Of(key), KvHeadScale.Of(value)) : (1f, 1f);
                if (geometry.PerWord == 4)
                {
                    words[at + geometry.Scale(token % 16)] = BitConverter.SingleToUInt32Bits(keyScale);
                    words[at + geometry.Scale(token % 16) + 16] = BitConverter.SingleToUInt32Bits(valueScale);
                }

                for (var d = 0; d < headDim; d++)
                {
                    words[at + geometry.Key(token % 16) + (d / geometry.PerWord)] |= Encode(key[d], keyScale, geometry.PerWord) << (bits * (d % geometry.PerWord));
                    words[at + geometry.Value(token % 16, d)] |= Encode(value[d], valueScale, geometry.PerWord) << (bits * (token % geometry.PerWord));
                }
            }
        }

        return words;
    }

    private static uint Encode(float value, float scale, int perWord) => perWord switch
    {
        4 => Fp8E4M3.Encode(value / scale),
        2 => BrainFloat.Encode(value),
        _ => BitConverter.SingleToUInt32Bits(value),
    };

    private static AttentionLayout Layout()
    {
        var layout = new AttentionLayout();
        layout.Add(Blocks, 0, Tokens);
        return layout;
    }

    private static Tensor Make(AttentionBackend backend, int seed, int columns) => BackendPair.Upload(backend, BackendPair.Random(seed, Tokens * columns), Tokens, columns);

    private static DeviceKvCache Cleared(KvCacheShape shape, Accelerator accelerator)
    {
        var cache = new DeviceKvCache(accelerator, shape);
        cache.Layer(0).MemSetToZero(accelerator.DefaultStream);
        return cache;
    }

    private static uint[] Words(DeviceKvCache cache, Accelerator accelerator)
    {
        var words = new uint[cache.Layer(0).Length];
        cache.Layer(0).CopyToCPU(accelerator.DefaultStream, words);
        return words;
    }
}
