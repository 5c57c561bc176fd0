using System.Numerics;
using Dray.Inference.Sampling;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// Sums over a row of logits: exponentials in float32, which are right to an ulp, added up in float64, so that no term is lost beside a greater one.
/// </summary>
internal static class Softmax
{
    /// <summary>ln Σ exp: what a logit less this is the log-probability of. Not finite where a logit is NaN or +∞, or all are −∞.</summary>
    public static double LogSum(ReadOnlySpan<float> logits)
    {
        var greatest = LogitKernels.Max(logits);
        var maxima = new Vector<float>(greatest);
        Vector<double> low = default, high = default;
        var i = 0;
        for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.Exp(new Vector<float>(logits[i..]) - maxima), out var a, out var b);
            low += a;
            high += b;
        }

        var sum = Vector.Sum(low + high);
        for (; i < logits.Length; i++) sum += MathF.Exp(logits[i] - greatest);
        return Math.Log(sum) + greatest;
    }

    /// <summary>
    /// KL(p || q) = Σ pᵢ (ln pᵢ − ln qᵢ) in nats, with both rows' <see cref="LogSum"/>. Three sums over one pass; what both have in common,
    /// the maxima and the logarithms of the sums, stays out of the terms and so doesn't round them.
    /// </summary>
    public static (double Divergence, double LogSumP, double LogSumQ) Compare(ReadOnlySpan<float> p, ReadOnlySpan<float> q)
    {
        q = q[..p.Length];
        var (greatestP, greatestQ) = (LogitKernels.Max(p), LogitKernels.Max(q));
        Vector<float> maximaP = new(greatestP), maximaQ = new(greatestQ);
        Vector<double> sumsP = default, sumsQ = default, sums = default;
        var i = 0;
        for (; i <= p.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var x = new Vector<float>(p[i..]) - maximaP;
            var y = new Vector<float>(q[i..]) - maximaQ;
            var weight = Vector.Exp(x);
            sumsP += SumOfHalves(weight);
            sumsQ += SumOfHalves(Vector.Exp(y));
            sums += SumOfHalves(weight * (x - y));
        }

        var (sumP, sumQ, sum) = (Vector.Sum(sumsP), Vector.Sum(sumsQ), Vector.Sum(sums));
        for (; i < p.Length; i++)
        {
            var (x, y) = (p[i] - greatestP, q[i] - greatestQ);
            sumP += MathF.Exp(x);
            sumQ += MathF.Exp(y);
            sum += MathF.Exp(x) * (x - y);
        }

        return ((sum / sumP) + (Math.Log(sumQ) - Math.Log(sumP)), Math.Log(sumP) + greatestP, Math.Log(sumQ) + greatestQ);
    }

    private static Vector<double> SumOfHalves(Vector<float> values)
    {
        Vector.Widen(values, out var low, out var high);
        return low + high;
    }
}
