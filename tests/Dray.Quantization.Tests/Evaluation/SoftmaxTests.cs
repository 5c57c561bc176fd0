using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class SoftmaxTests
{
    [Theory]
    [InlineData(1, 1f)]
    [InlineData(7, 10f)]
    [InlineData(64, 0.01f)]
    [InlineData(49_173, 4f)]
    [InlineData(50_001, 30f)]
    public void Compare_AnyRows_IsWhatFloat64Says(int length, float spread)
    {
        var (p, q) = (Row(length, spread, seed: 1), Row(length, spread, seed: 2));

        var (divergence, logSumP, logSumQ) = Softmax.Compare(p, q);

        var (exactP, exactQ) = (LogSum(p), LogSum(q));
        logSumP.ShouldBe(exactP, 1e-6);
        logSumQ.ShouldBe(exactQ, 1e-6);
        Softmax.LogSum(p).ShouldBe(exactP, 1e-6);
        var exact = p.Zip(q).Sum(pair => Math.Exp(pair.First - exactP) * (pair.First - exactP - (pair.Second - exactQ)));
        divergence.ShouldBe(exact, 1e-6 + (1e-6 * exact));
    }

    [Fact]
    public void Compare_RowWithItself_IsExactlyZero()
    {
        var row = Row(49_173, 20, seed: 3);

        Softmax.Compare(row, row).Divergence.ShouldBe(0);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void LogSum_DamagedRow_IsNotFinite(float value)
    {
        var row = Row(1000, 1, seed: 4);
        row[700] = value;

        double.IsFinite(Softmax.LogSum(row)).ShouldBeFalse();
        double.IsFinite(Softmax.Compare(Row(1000, 1, seed: 5), row).Divergence).ShouldBeFalse();
        double.IsFinite(Softmax.Compare(row, Row(1000, 1, seed: 5)).Divergence).ShouldBeFalse();
    }

    private static float[] Row(int length, float spread, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => 100 + (spread * (random.NextSingle() + random.NextSingle() - 1)))];
    }

    private static double LogSum(float[] row)
    {
        double max = row.Max();
        return max + Math.Log(row.Sum(logit => Math.Exp(logit - max)));
    }
}
