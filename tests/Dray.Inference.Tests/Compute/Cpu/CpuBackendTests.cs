using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class CpuBackendTests
{
    [Fact]
    public void Constructor_NoOptions_TakesTheBestInstructionSetAndAllCores()
    {
        using var backend = new CpuBackend();
        backend.InstructionSet.ShouldBe(CpuFeatures.Available[^1]);
        backend.Threads.ShouldBeInRange(1, Environment.ProcessorCount);
        backend.Name.Replace("-", "", StringComparison.Ordinal).ShouldBe("cpu" + backend.InstructionSet.ToString().ToLowerInvariant());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Constructor_ThreadsOutOfRange_Throws(int threads) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new CpuBackend(new CpuBackendOptions { Threads = threads }));

    [Fact]
    public void LoadMatrix_FourBitWeights_StayPacked()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var matrix = backend.LoadMatrix([new InMemoryQuantized(1, 64, 1024, 4, 128)]);
        matrix.Bytes.ShouldBe((64 * 1024 / 2) + (64 * 8 * sizeof(float)));
        using var dense = backend.LoadMatrix([new InMemoryDense(1, 64, 1024, DataType.BFloat16)]);
        dense.Bytes.ShouldBe(64 * 1024 * 2);
    }

    [Fact]
    public void LoadMatrix_PartsWithDifferentInputs_NamesBoth()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        var error = Should.Throw<ArgumentException>(() => backend.LoadMatrix(
            [new InMemoryDense(1, 8, 16, DataType.Float32), new InMemoryQuantized(1, 8, 32, 4, 32)]));
        error.Message.ShouldContain("quantized-4 has 32 inputs where dense-Float32 has 16");
    }

    [Fact]
    public void LoadMatrix_SourceFails_SurfacesItsException()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        Should.Throw<EndOfStreamException>(() => backend.LoadMatrix([new BrokenLinear()]));
    }

    [Fact]
    public void Gather_QuantizedTable_IsRefused()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var table = backend.LoadMatrix([new InMemoryQuantized(1, 8, 32, 4, 32)]);
        Should.Throw<ArgumentException>(() => backend.Gather(table, [0], backend.Allocate(1, 32).View)).Message.ShouldContain("16- or 32-bit part");
    }

    [Fact]
    public void Gather_RowOutOfRange_NamesIt()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var table = backend.LoadMatrix([new InMemoryDense(1, 8, 32, DataType.BFloat16)]);
        Should.Throw<ArgumentOutOfRangeException>(() => backend.Gather(table, [8], backend.Allocate(1, 32).View)).ActualValue.ShouldBe(8);
    }

    [Fact]
    public void MatMul_OneOrTwoThreads_GiveTheSameBits()
    {
        var results = new List<float[]>();
        foreach (var threads in (int[])[1, 2, 3])
        {
            using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads });
            using var weight = backend.LoadMatrix([new InMemoryQuantized(1, 500, 512, 4, 128), new InMemoryDense(2, 77, 512, DataType.BFloat16)]);
            var x = BackendPair.Upload(backend, BackendPair.Random(1, 40 * 512), 40, 512);
            var y = backend.Allocate(40, 577);
            backend.MatMul(x, weight, y.View);
            results.Add(BackendPair.Download(backend, y.View));
        }

        results[1].ShouldBe(results[0]);
        results[2].ShouldBe(results[0]);
    }

    [Theory]
    [InlineData(KvCacheDataType.Float32)]
    [InlineData(KvCacheDataType.BFloat16)]
    [InlineData(KvCacheDataType.Fp8E4M3)]
    public void Operations_AfterWarmUp_AllocateNothing(KvCacheDataType dtype)
    {
        const int tokens = 40;
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using var weight = backend.LoadMatrix([new InMemoryQuantized(1, 256, 128, 4, 64)]);
        using var table = backend.LoadMatrix([new InMemoryDense(2, 50, 128, DataType.BFloat16)]);
        using var cache = backend.AllocateKvCache(new KvCacheShape(1, 4, 2, 64, dtype));
        using var x = backend.Allocate(tokens, 128);
        using var y = backend.Allocate(tokens, 256);
        using var gain = backend.Allocate(1, 128);
        using var angles = backend.Allocate(tokens, 32);
        var ids = new int[tokens];
        var layout = new AttentionLayout();
        long before = 0;
        for (var i = 0; i < 4; i++)
        {
            if (i == 3) before = GC.GetAllocatedBytesForCurrentThread();
            layout.Reset();
            layout.Add([0, 1, 2], 0, tokens);
            backend.Gather(table, ids, x.View);
            backend.RmsNorm(x.View, gain.View, 1e-5f, x.View);
            backend.MatMul(x.View, weight, y.View);
            backend.MatMul(x.Take(1), weight, y.Take(1), accumulate: true);
            backend.Rope(x.View, 64, angles.View, angles.View);
            backend.WriteKv(cache, 0, x.View, x.View, layout);
            backend.PagedAttention(y.View, cache, 0, layout, y.View);
            backend.SegmentAttention(x.View, x.View, x.View, 64, [25, 15], y.View.SliceColumns(0, 128));
            backend.SwiGlu(y.View, x.View);
            backend.Gelu(x.View);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(256, "the two arrays and spans of the test itself");
    }

    private sealed class BrokenLinear() : DenseLinear("broken", 200, 16, DataType.BFloat16)
    {
        public override void ReadRows(int first, int count, Span<float> target) => throw new NotSupportedException();

        public override void ReadRaw(int first, int count, Span<byte> target)
        {
            if (first >= 64) throw new EndOfStreamException();
        }
    }
}
