using Dray.Inference.Compute;

namespace Dray.Tests.Compute;

/// <summary>What sampling reads of logits.</summary>
public abstract partial class BackendConformance
{
    /// <summary>Gets the largest vocabulary that the backend can reduce in reasonable time.</summary>
    protected virtual int LargestVocabulary => 300_000;

    [Theory]
    [InlineData(1, 7, 5)]
    [InlineData(3, 64, 5)]
    [InlineData(2, 300, 0)]
    [InlineData(5, 4096, 20)]
    [InlineData(3, 5003, 9)]
    [InlineData(2, 140_001, 12)]
    [InlineData(1, 300_000, 30)]
    public void ReduceLogits_RaggedVocabulary_AgreesWithReference(int rows, int vocabulary, int spread)
    {
        if (vocabulary > LargestVocabulary) return;
        using var pair = new BackendPair(Create());
        var logits = pair.Tensors(vocabulary, rows, vocabulary, spread);

        Reduce(pair, logits);
    }

    [Fact]
    public void ReduceLogits_ManyEquals_TellsThoseWithTheLowestIds()
    {
        const int vocabulary = 4500;
        using var pair = new BackendPair(Create());
        float[] values = [.. BackendPair.Random(1, 2 * vocabulary, 2).Select(value => MathF.Round(value))];
        values[11] = -0f;
        values[vocabulary + 5] = float.NegativeInfinity;

        Reduce(pair, (BackendPair.Upload(pair.Subject, values, 2, vocabulary), BackendPair.Upload(pair.Reference, values, 2, vocabulary)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ReduceLogits_DamagedRow_IsSeenInItsSumAndNoOther(float damage)
    {
        const int vocabulary = 5000;
        using var backend = Create();
        var values = BackendPair.Random(1, 3 * vocabulary);
        values[vocabulary + 4321] = damage;
        var top = new TopLogits();
        backend.ReduceLogits(BackendPair.Upload(backend, values, 3, vocabulary), top);
        top.Sums.ToArray().Select(float.IsFinite).ShouldBe([true, false, true]);
        backend.ReduceLogits(BackendPair.Upload(backend, [.. Enumerable.Repeat(float.NegativeInfinity, 100)], 1, 100), top);
        float.IsFinite(top.Sums[0]).ShouldBeFalse();
    }

    [Fact]
    public void ReduceLogits_AnyBatch_GivesEachRowTheSameBits()
    {
        const int vocabulary = 4200;
        using var backend = Create();
        var logits = BackendPair.Upload(backend, BackendPair.Random(3, 3 * vocabulary, 8), 3, vocabulary);
        var (all, one) = (new TopLogits(), new TopLogits());
        backend.ReduceLogits(logits, all);
        for (var row = 0; row < 3; row++)
        {
            backend.ReduceLogits(logits.SliceRows(row, 1), one);
            one.Sums[0].ShouldBe(all.Sums[row]);
            one.Ids.ToArray().ShouldBe(all.RowIds(row).ToArray());
        }
    }

    private static void Reduce(BackendPair pair, (Tensor Subject, Tensor Reference) logits)
    {
        var (actual, expected) = (new TopLogits(), new TopLogits());
        pair.Subject.ReduceLogits(logits.Subject, actual);
        ((IComputeBackend)pair.Reference).ReduceLogits(logits.Reference, expected);
        (actual.Rows, actual.Count).ShouldBe((expected.Rows, expected.Count));
        actual.Ids.ToArray().ShouldBe(expected.Ids.ToArray());
        actual.Values.ToArray().ShouldBe(expected.Values.ToArray());
        for (var row = 0; row < actual.Rows; row++) actual.Sums[row].ShouldBe(expected.Sums[row], 1e-5f * expected.Sums[row]);
    }
}
