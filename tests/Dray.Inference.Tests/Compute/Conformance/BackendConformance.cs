using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Tests.Compute;

/// <summary>Every operation of a backend against the reference over ragged shapes. A backend joins with one derived class.</summary>
public abstract partial class BackendConformance
{
    /// <summary>Gets every type of KV cache.</summary>
    public static TheoryData<KvCacheDataType> KvCacheTypes { get; } = [.. Enum.GetValues<KvCacheDataType>()];

    /// <summary>Gets every type of KV cache with heads, KV heads and widths.</summary>
    public static TheoryData<KvCacheDataType, int, int, int> AttentionShapes
    {
        get
        {
            var shapes = new TheoryData<KvCacheDataType, int, int, int>();
            foreach (var dtype in Enum.GetValues<KvCacheDataType>())
            {
                shapes.Add(dtype, 1, 1, 8);
                shapes.Add(dtype, 4, 2, 64);
                shapes.Add(dtype, 9, 3, 20);
                shapes.Add(dtype, 6, 2, 13);
                shapes.Add(dtype, 6, 6, 128);
            }

            return shapes;
        }
    }

    /// <summary>Gets rows enough for every kind of tile; at least 70.</summary>
    protected virtual int ManyRows => 512;

    /// <summary>Gets a context that a backend may cut into parts.</summary>
    protected virtual int LongContext => 2100;

    /// <summary>Gets ways to divide 150 tokens.</summary>
    protected virtual int[][] Chunks => [[150], [1, 1, 30, 18, 100], [16, 16, 118], [149, 1], [97, 53]];

    /// <summary>Creates the backend, or skips the test where the machine has no such device.</summary>
    protected abstract IComputeBackend Create();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 33, 64)]
    [InlineData(2, 31, 7)]
    [InlineData(3, 100, 129)]
    [InlineData(5, 64, 260)]
    [InlineData(11, 70, 96)]
    [InlineData(12, 40, 40)]
    [InlineData(13, 97, 333)]
    [InlineData(30, 129, 200)]
    [InlineData(70, 66, 150)]
    public void MatMul_EveryKindOfWeight_AgreesWithReference(int rows, int outputs, int inputs)
    {
        using var pair = new BackendPair(Create());
        foreach (var source in Sources(outputs, inputs)) Multiply(pair, rows, accumulate: false, source);
    }

    [Fact]
    public void MatMul_PartsOfDifferentKinds_WritesThemSideBySide()
    {
        using var pair = new BackendPair(Create());
        foreach (var rows in (int[])[1, 4, 17])
        {
            Multiply(
                pair,
                rows,
                accumulate: false,
                new InMemoryQuantized(1, 45, 96, 4, 32),
                new InMemoryDense(2, 7, 96, DataType.BFloat16),
                new InMemoryQuantized(3, 64, 96, 4, 32, symmetric: false),
                new InMemoryDense(4, 33, 96, DataType.Float32));
        }
    }

    [Fact]
    public void MatMul_Accumulate_AddsToWhatIsThere()
    {
        using var pair = new BackendPair(Create());
        foreach (var rows in (int[])[1, 3, 26]) Multiply(pair, rows, accumulate: true, new InMemoryQuantized(5, 50, 70, 4, 32));
    }

    [Fact]
    public void MatMul_ManyRowsAndInputs_AgreesWithReference()
    {
        using var pair = new BackendPair(Create());
        Multiply(pair, 300, accumulate: false, new InMemoryQuantized(6, 35, 530, 4, 128));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 67)]
    [InlineData(65, 576)]
    public void RmsNorm_RaggedWidth_AgreesWithReference(int rows, int columns)
    {
        using var pair = new BackendPair(Create());
        var x = pair.Tensors(1, rows, columns, 3);
        var gain = pair.Tensors(2, 1, columns);
        var y = pair.Tensors(3, rows, columns);
        pair.Subject.RmsNorm(x.Subject, gain.Subject, 1e-5f, y.Subject);
        pair.Reference.RmsNorm(x.Reference, gain.Reference, 1e-5f, y.Reference);
        pair.ShouldAgree(y, 2e-6);
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(5, 3, 22)]
    [InlineData(70, 9, 64)]
    public void Rope_HalfSplit_AgreesWithReference(int rows, int heads, int headDim)
    {
        using var pair = new BackendPair(Create());
        var x = pair.Tensors(1, rows, heads * headDim);
        var cos = pair.Tensors(2, rows, headDim / 2);
        var sin = pair.Tensors(3, rows, headDim / 2);
        pair.Subject.Rope(x.Subject, headDim, cos.Subject, sin.Subject);
        pair.Reference.Rope(x.Reference, headDim, cos.Reference, sin.Reference);
        pair.ShouldAgree(x, 1e-6);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 67)]
    [InlineData(70, 300)]
    public void SwiGlu_WideRange_AgreesWithReference(int rows, int columns)
    {
        using var pair = new BackendPair(Create());
        var x = pair.Tensors(1, rows, columns * 2, 20);
        var y = pair.Tensors(2, rows, columns);
        pair.Subject.SwiGlu(x.Subject, y.Subject);
        pair.Reference.SwiGlu(x.Reference, y.Reference);
        pair.ShouldAgree(y, 1e-6);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 67, 3)]
    [InlineData(70, 300, 8)]
    public void Gelu_WideRange_AgreesWithReference(int rows, int columns, float spread)
    {
        using var pair = new BackendPair(Create());
        var x = pair.Tensors(1, rows, columns, spread);
        pair.Subject.Gelu(x.Subject);
        pair.Reference.Gelu(x.Reference);
        pair.ShouldAgree(x, 1e-6);
    }

    [Theory]
    [InlineData(DataType.BFloat16)]
    [InlineData(DataType.Float16)]
    [InlineData(DataType.Float32)]
    public void Gather_DenseTable_CopiesRowsExactly(DataType dtype)
    {
        using var pair = new BackendPair(Create());
        var source = new InMemoryDense(1, 77, 133, dtype);
        using var subject = pair.Subject.LoadMatrix([source]);
        using var reference = pair.Reference.LoadMatrix([source]);
        int[] ids = [76, 0, 31, 32, 5, 5, 64];
        var y = pair.Tensors(1, ids.Length, 133);
        pair.Subject.Gather(subject, ids, y.Subject);
        pair.Reference.Gather(reference, ids, y.Reference);
        pair.ShouldAgree(y, 0);
    }

    [Fact]
    public void GatherRowsAndScatterRows_RepeatedAndUnnamedRows_AgreeWithReference()
    {
        using var pair = new BackendPair(Create());
        var x = pair.Tensors(1, 9, 21);
        var y = pair.Tensors(2, 4, 21);
        pair.Subject.GatherRows(x.Subject, [8, 0, 0, 3], y.Subject);
        pair.Reference.GatherRows(x.Reference, [8, 0, 0, 3], y.Reference);
        pair.ShouldAgree(y, 0);
        pair.Subject.ScatterRows(y.Subject, [1, 7, 2, 5], x.Subject);
        pair.Reference.ScatterRows(y.Reference, [1, 7, 2, 5], x.Reference);
        pair.ShouldAgree(x, 0);
    }

    [Theory]
    [MemberData(nameof(AttentionShapes))]
    public void PagedAttention_SequencesInScatteredBlocks_AgreesWithReference(KvCacheDataType dtype, int heads, int kvHeads, int headDim)
    {
        using var pair = new BackendPair(Create());
        var shape = new KvCacheShape(2, 40, kvHeads, headDim, dtype);
        using var subject = pair.Subject.AllocateKvCache(shape);
        using var reference = pair.Reference.AllocateKvCache(shape);
        var layout = new AttentionLayout();
        foreach (var step in Steps())
        {
            layout.Reset();
            foreach (var (blocks, before, tokens) in step) layout.Add(blocks, before, tokens);
            var k = pair.Tensors(layout.Tokens, layout.Tokens, kvHeads * headDim);
            var v = pair.Tensors(layout.Tokens + 1, layout.Tokens, kvHeads * headDim);
            var q = pair.Tensors(layout.Tokens + 2, layout.Tokens, heads * headDim, 4);
            var y = pair.Tensors(3, layout.Tokens, heads * headDim);
            pair.Subject.WriteKv(subject, 1, k.Subject, v.Subject, layout);
            pair.Reference.WriteKv(reference, 1, k.Reference, v.Reference, layout);
            pair.Subject.PagedAttention(q.Subject, subject, 1, layout, y.Subject);
            pair.Reference.PagedAttention(q.Reference, reference, 1, layout, y.Reference);
            pair.ShouldAgree(y, 2e-5);
        }
    }

    [Theory]
    [MemberData(nameof(KvCacheTypes))]
    public void PagedAttention_LeftoversBeyondTheContext_AreNotRead(KvCacheDataType dtype)
    {
        using var backend = Create();
        const int headDim = 24;
        using var cache = backend.AllocateKvCache(new KvCacheShape(1, 3, 1, headDim, dtype));
        var layout = new AttentionLayout();
        layout.Add([2, 0], 0, 32);
        float[] leftovers = [.. Enumerable.Repeat(float.NaN, 32 * headDim)];
        var stale = BackendPair.Upload(backend, leftovers, 32, headDim);
        backend.WriteKv(cache, 0, stale, stale, layout);
        layout.Reset();
        layout.Add([2, 0], 0, 19);
        var q = BackendPair.Upload(backend, BackendPair.Random(1, 19 * headDim), 19, headDim);
        backend.WriteKv(cache, 0, q, q, layout);
        var y = backend.Allocate(19, headDim);
        backend.PagedAttention(q, cache, 0, layout, y.View);
        BackendPair.Download(backend, y.View).ShouldAllBe(value => float.IsFinite(value));
    }

    [Theory]
    [InlineData(1, 8, new[] { 1 })]
    [InlineData(2, 64, new[] { 33, 1, 0, 100 })]
    [InlineData(3, 20, new[] { 130, 64 })]
    [InlineData(1, 64, new[] { 250 })]
    public void SegmentAttention_RaggedSegments_AgreesWithReference(int heads, int headDim, int[] segments)
    {
        using var pair = new BackendPair(Create());
        var rows = segments.Sum();
        var q = pair.Tensors(1, rows, heads * headDim, 4);
        var k = pair.Tensors(2, rows, heads * headDim);
        var v = pair.Tensors(3, rows, heads * headDim);
        var y = pair.Tensors(4, rows, heads * headDim);
        pair.Subject.SegmentAttention(q.Subject, k.Subject, v.Subject, headDim, segments, y.Subject);
        pair.Reference.SegmentAttention(q.Reference, k.Reference, v.Reference, headDim, segments, y.Reference);
        pair.ShouldAgree(y, 2e-5);
    }

    [Fact]
    public void MatMul_AnyBatch_GivesEachRowTheSameBits()
    {
        using var backend = Create();
        var rows = ManyRows;
        foreach (var source in Sources(70, 200))
        {
            using var weight = backend.LoadMatrix([source]);
            var x = BackendPair.Upload(backend, BackendPair.Random(1, rows * 200), rows, 200);
            var y = backend.Allocate(rows, 70);
            backend.MatMul(x, weight, y.View);
            var all = BackendPair.Download(backend, y.View);
            foreach (var count in (int[])[1, 2, 3, 7, 12, 13, 32, 65])
            {
                var first = rows - count - 5;
                backend.MatMul(x.SliceRows(first, count), weight, y.Take(count));
                BackendPair.Download(backend, y.Take(count)).ShouldBe(all[(first * 70)..((first + count) * 70)], $"{source.Name}, {count} rows");
            }
        }
    }

    [Theory]
    [MemberData(nameof(KvCacheTypes))]
    public void PagedAttention_NaNInAValue_IsSeenInTheResult(KvCacheDataType dtype)
    {
        using var backend = Create();
        const int headDim = 32;
        var clean = BackendPair.Random(1, 5 * headDim);
        var poisoned = (float[])clean.Clone();
        poisoned[(2 * headDim) + 7] = float.NaN;
        using var cache = backend.AllocateKvCache(new KvCacheShape(1, 1, 1, headDim, dtype));
        var layout = new AttentionLayout();
        layout.Add([0], 0, 5);
        backend.WriteKv(cache, 0, BackendPair.Upload(backend, clean, 5, headDim), BackendPair.Upload(backend, poisoned, 5, headDim), layout);
        layout.Reset();
        layout.Add([0], 4, 1);
        var y = backend.Allocate(1, headDim);
        backend.PagedAttention(BackendPair.Upload(backend, BackendPair.Random(2, headDim), 1, headDim), cache, 0, layout, y.View);
        BackendPair.Download(backend, y.View)[7].ShouldBe(float.NaN);
    }

    [Theory]
    [MemberData(nameof(KvCacheTypes))]
    public void PagedAttention_NaNInAKey_IsSeenInTheResult(KvCacheDataType dtype)
    {
        using var backend = Create();
        const int headDim = 32;
        const int tokens = 70;
        var clean = BackendPair.Random(1, tokens * headDim);
        foreach (var token in (int[])[0, 2, 63, 69])
        {
            var poisoned = (float[])clean.Clone();
            poisoned[(token * headDim) + 7] = float.NaN;
            using var cache = backend.AllocateKvCache(new KvCacheShape(1, 5, 1, headDim, dtype));
            var layout = new AttentionLayout();
            layout.Add([0, 1, 2, 3, 4], 0, tokens);
            backend.WriteKv(cache, 0, BackendPair.Upload(backend, poisoned, tokens, headDim), BackendPair.Upload(backend, clean, tokens, headDim), layout);
            layout.Reset();
            layout.Add([0, 1, 2, 3, 4], tokens - 1, 1);
            var y = backend.Allocate(1, headDim);
            backend.PagedAttention(BackendPair.Upload(backend, BackendPair.Random(2, headDim), 1, headDim), cache, 0, layout, y.View);
            BackendPair.Download(backend, y.View).ShouldAllBe(value => float.IsNaN(value), $"token {token}");
        }
    }

    [Theory]
    [MemberData(nameof(KvCacheTypes))]
    public void PagedAttention_LongContext_GivesTheSameBitsAloneAndInABatch(KvCacheDataType dtype)
    {
        using var pair = new BackendPair(Create());
        const int headDim = 16;
        var tokens = LongContext;
        var shape = new KvCacheShape(1, KvCache.BlocksOf(tokens), 1, headDim, dtype);
        using var subject = pair.Subject.AllocateKvCache(shape);
        using var reference = pair.Reference.AllocateKvCache(shape);
        int[] blocks = [.. Enumerable.Range(0, shape.Blocks).Reverse()];
        var k = pair.Tensors(1, tokens, headDim, 4);
        var v = pair.Tensors(2, tokens, headDim);
        var q = pair.Tensors(3, tokens, 2 * headDim, 4);
        var y = pair.Tensors(4, tokens, 2 * headDim);
        var layout = new AttentionLayout();
        layout.Add(blocks, 0, tokens);
        pair.Subject.WriteKv(subject, 0, k.Subject, v.Subject, layout);
        pair.Reference.WriteKv(reference, 0, k.Reference, v.Reference, layout);
        pair.Subject.PagedAttention(q.Subject, subject, 0, layout, y.Subject);
        pair.Reference.PagedAttention(q.Reference, reference, 0, layout, y.Reference);
        pair.ShouldAgree(y, 2e-5);
        var all = BackendPair.Download(pair.Subject, y.Subject);
        foreach (var count in (int[])[1, 60])
        {
            // A second, short sequence shares the step.
            layout.Reset();
            layout.Add(blocks, tokens - count, count);
            layout.Add(blocks, 0, 1);
            var queries = pair.Subject.Allocate(count + 1, 2 * headDim);
            pair.Subject.GatherRows(q.Subject, [.. Enumerable.Range(tokens - count, count), 0], queries.View);
            var result = pair.Subject.Allocate(count + 1, 2 * headDim);
            pair.Subject.PagedAttention(queries.View, subject, 0, layout, result.View);
            var actual = BackendPair.Download(pair.Subject, result.View);
            actual.ShouldBe([.. all[((tokens - count) * 2 * headDim)..], .. all[..(2 * headDim)]], $"{count} tokens");
        }
    }

    [Theory]
    [MemberData(nameof(KvCacheTypes))]
    public void PagedAttention_AnyChunking_GivesEachRowTheSameBits(KvCacheDataType dtype)
    {
        using var backend = Create();
        const int tokens = 150;
        const int width = 6 * 32;
        int[] blocks = [5, 2, 9, 0, 7, 1, 3, 8, 4, 6];
        var q = BackendPair.Upload(backend, BackendPair.Random(1, tokens * width, 4), tokens, width);
        var k = BackendPair.Upload(backend, BackendPair.Random(2, tokens * 64), tokens, 64);
        var v = BackendPair.Upload(backend, BackendPair.Random(3, tokens * 64), tokens, 64);
        float[]? expected = null;
        foreach (var chunks in Chunks)
        {
            using var cache = backend.AllocateKvCache(new KvCacheShape(1, 30, 2, 32, dtype));
            var y = backend.Allocate(tokens, width);
            var done = 0;
            foreach (var chunk in chunks)
            {
                // A second sequence shares the step, with the same rows.
                var layout = new AttentionLayout();
                layout.Add(blocks, done, chunk);
                layout.Add([.. blocks.Select(block => block + 12)], done, chunk);
                var both = Repeat(backend, q, done, chunk);
                backend.WriteKv(cache, 0, Repeat(backend, k, done, chunk), Repeat(backend, v, done, chunk), layout);
                var result = backend.Allocate(2 * chunk, width);
                backend.PagedAttention(both, cache, 0, layout, result.View);
                BackendPair.Download(backend, result.Take(chunk)).ShouldBe(BackendPair.Download(backend, result.View.SliceRows(chunk, chunk)));
                backend.ScatterRows(result.Take(chunk), [.. Enumerable.Range(done, chunk)], y.View);
                done += chunk;
            }

            var actual = BackendPair.Download(backend, y.View);
            expected ??= actual;
            actual.ShouldBe(expected, string.Join('+', chunks));
        }
    }

    private static Tensor Repeat(IComputeBackend backend, Tensor source, int first, int count)
    {
        var rows = Enumerable.Range(first, count).ToArray();
        var target = backend.Allocate(2 * count, source.Columns);
        backend.GatherRows(source, [.. rows, .. rows], target.View);
        return target.View;
    }

    private static IEnumerable<LinearSource> Sources(int outputs, int inputs)
    {
        yield return new InMemoryQuantized(1, outputs, inputs, 4, 32);
        yield return new InMemoryQuantized(2, outputs, inputs, 4, 128, symmetric: false);
        yield return new InMemoryQuantized(3, outputs, inputs, 2, 20);
        yield return new InMemoryQuantized(4, outputs, inputs, 3, inputs, symmetric: false);
        yield return new InMemoryQuantized(5, outputs, inputs, 8, 64);
        yield return new InMemoryDense(6, outputs, inputs, DataType.BFloat16);
        yield return new InMemoryDense(7, outputs, inputs, DataType.Float16);
        yield return new InMemoryDense(8, outputs, inputs, DataType.Float32);
    }

    private static IEnumerable<(int[] Blocks, int Before, int Tokens)[]> Steps()
    {
        yield return [([3], 0, 1)];
        yield return [([3, 9], 1, 16), ([30, 12, 0, 25, 17, 18], 0, 90)];
        yield return [([30, 12, 0, 25, 17, 18], 90, 1), ([3, 9], 17, 1), ([4, 5, 6], 0, 35)];
    }

    /// <summary>The most by which a product's value may be off, relative to the greatest of all.</summary>
    protected virtual double ProductBound(LinearSource source) => 2e-6;

    private void Multiply(BackendPair pair, int rows, bool accumulate, params LinearSource[] parts)
    {
        using var subject = pair.Subject.LoadMatrix(parts);
        using var reference = pair.Reference.LoadMatrix(parts);
        subject.Outputs.ShouldBe(reference.Outputs);
        var x = pair.Tensors(rows, rows, subject.Inputs);
        var y = pair.Tensors(rows + 1, rows, subject.Outputs);
        pair.Subject.MatMul(x.Subject, subject, y.Subject, accumulate);
        pair.Reference.MatMul(x.Reference, reference, y.Reference, accumulate);
        pair.ShouldAgree(y, parts.Max(ProductBound));
    }
}
