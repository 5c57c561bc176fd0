using Dray.Inference.Compute;

namespace Dray.Tests.Compute;

/// <summary>Operations made of others, and passes that may be replayed.</summary>
public abstract partial class BackendConformance
{
    [Theory]
    [InlineData(1, 40, 64)]
    [InlineData(3, 97, 133)]
    [InlineData(33, 70, 256)]
    public void NormMatMul_EveryKindOfWeight_AgreesWithReference(int rows, int outputs, int inputs)
    {
        using var pair = new BackendPair(Create());
        foreach (var source in Sources(outputs, inputs))
        {
            using var subject = pair.Subject.LoadMatrix([source]);
            using var reference = pair.Reference.LoadMatrix([source]);
            var (x, gain, norm, y) = (pair.Tensors(1, rows, inputs, 3), pair.Tensors(2, 1, inputs), pair.Tensors(3, rows, inputs), pair.Tensors(4, rows, outputs));
            pair.Subject.NormMatMul(x.Subject, gain.Subject, 1e-5f, norm.Subject, subject, y.Subject);
            ((IComputeBackend)pair.Reference).NormMatMul(x.Reference, gain.Reference, 1e-5f, norm.Reference, reference, y.Reference);
            pair.ShouldAgree(y, Math.Max(4e-6, ProductBound(source)));
            pair.ShouldAgree(x, 0);
        }
    }

    [Theory]
    [InlineData(1, 40, 64, true)]
    [InlineData(3, 97, 133, false)]
    [InlineData(33, 70, 256, true)]
    public void SwiGluMatMul_EveryKindOfWeight_AgreesWithReference(int rows, int outputs, int inputs, bool accumulate)
    {
        using var pair = new BackendPair(Create());
        foreach (var source in Sources(outputs, inputs))
        {
            using var subject = pair.Subject.LoadMatrix([source]);
            using var reference = pair.Reference.LoadMatrix([source]);
            var (gateUp, active, y) = (pair.Tensors(1, rows, 2 * inputs, 4), pair.Tensors(2, rows, inputs), pair.Tensors(3, rows, outputs));
            pair.Subject.SwiGluMatMul(gateUp.Subject, active.Subject, subject, y.Subject, accumulate);
            ((IComputeBackend)pair.Reference).SwiGluMatMul(gateUp.Reference, active.Reference, reference, y.Reference, accumulate);
            pair.ShouldAgree(y, Math.Max(4e-6, ProductBound(source)));
        }
    }

    [Theory]
    [MemberData(nameof(KvCacheTypes))]
    public void RotateAndWriteKv_SequencesInScatteredBlocks_AgreesWithReference(KvCacheDataType dtype)
    {
        using var pair = new BackendPair(Create());
        var shape = new KvCacheShape(2, 40, 2, 24, dtype);
        using var subject = pair.Subject.AllocateKvCache(shape);
        using var reference = pair.Reference.AllocateKvCache(shape);
        var layout = new AttentionLayout();
        foreach (var step in Steps())
        {
            layout.Reset();
            foreach (var (blocks, before, tokens) in step) layout.Add(blocks, before, tokens);
            var rows = layout.Tokens;
            var (q, k, v) = (pair.Tensors(rows, rows, 6 * 24, 4), pair.Tensors(rows + 1, rows, 2 * 24), pair.Tensors(rows + 2, rows, 2 * 24));
            var (cos, sin, y) = (pair.Tensors(rows + 3, rows, 12), pair.Tensors(rows + 4, rows, 12), pair.Tensors(5, rows, 6 * 24));
            pair.Subject.RotateAndWriteKv(q.Subject, k.Subject, v.Subject, cos.Subject, sin.Subject, subject, 1, layout);
            ((IComputeBackend)pair.Reference).RotateAndWriteKv(q.Reference, k.Reference, v.Reference, cos.Reference, sin.Reference, reference, 1, layout);
            pair.ShouldAgree(q, 1e-6);
            pair.Subject.PagedAttention(q.Subject, subject, 1, layout, y.Subject);
            pair.Reference.PagedAttention(q.Reference, reference, 1, layout, y.Reference);
            pair.ShouldAgree(y, BoundOf(dtype));
        }
    }

    /// <summary>Sequences grow by a token a pass over changing blocks, in passes of two sizes: whatever a backend replays, contents are the step's own.</summary>
    [Theory]
    [MemberData(nameof(KvCacheTypes))]
    public void Run_SamePassOverOtherContents_AgreesWithReferenceEachTime(KvCacheDataType dtype)
    {
        using var pair = new BackendPair(Create());
        using var subject = new DecodePass(pair.Subject, dtype, 15);
        using var reference = new DecodePass(pair.Reference, dtype, 15);
        var layout = new AttentionLayout();
        for (var step = 0; step < 40; step++)
        {
            layout.Reset();
            var sequences = step % 5 == 4 ? 3 : 2;
            for (var i = 0; i < sequences; i++) layout.Add([(5 * i) + (step % 3), (5 * i) + 3, (5 * i) + 4], i == 2 ? step / 5 : step, 1);
            var x = BackendPair.Random(step, sequences * DecodePass.Width);
            var (actual, expected) = (subject.Run(x, layout), reference.Run(x, layout));
            for (var i = 0; i < actual.Length; i++) actual[i].ShouldBe(expected[i], Math.Max(BoundOf(dtype), PassBound), $"value {i} of step {step}");
        }
    }

    // Values that two backends round a little differently may fall to either side of a cache's step.
    /// <summary>The most by which a value after a whole layer may be off for what the backend rounds in products; 0 where it rounds nothing.</summary>
    protected virtual double PassBound => 0;

    private static float BoundOf(KvCacheDataType dtype) => dtype switch
    {
        KvCacheDataType.Fp8E4M3 => 3e-2f,
        KvCacheDataType.BFloat16 => 3e-3f,
        _ => 1e-4f,
    };
}
