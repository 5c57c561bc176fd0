using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Dray.Quantization.Tuning;

/// <summary>
/// The error of a block's output: the mean, over all values of a batch, of squared errors times their token's weight, which is 0 for tokens that
/// don't count.
/// </summary>
/// <param name="operations">What computes.</param>
/// <param name="masks">For each sample, which tokens count.</param>
/// <param name="kind">What the weight of the others is.</param>
/// <param name="epsilon">What is added to a target's mean square where it divides.</param>
internal sealed class BlockLoss(TrainingOperations operations, IReadOnlyList<bool[]> masks, LossKind kind, float epsilon)
{
    private float[] _weights = [];
    private float[] _factors = [];
    private double[] _errors = [];

    /// <summary>Tokens that count in some samples.</summary>
    public int CountedTokens(ReadOnlySpan<int> samples)
    {
        var count = 0;
        foreach (var sample in samples) count += masks[sample].Count(counts => counts);
        return count;
    }

    /// <summary>The samples' part of a batch's loss; the prediction becomes its gradient.</summary>
    /// <param name="samples">The samples in the rows.</param>
    /// <param name="prediction">[M, hidden].</param>
    /// <param name="target">[M, hidden].</param>
    /// <param name="batchValues">Values of the whole batch, which the loss is the mean of.</param>
    public double Differentiate(ReadOnlySpan<int> samples, Tensor prediction, Tensor target, long batchValues)
    {
        if (_weights.Length != prediction.Rows)
            (_weights, _factors, _errors) = (new float[prediction.Rows], new float[prediction.Rows], new double[prediction.Rows]);
        Weigh(samples, target);
        TensorPrimitives.Multiply(_weights, (float)(2.0 / batchValues), _factors);
        operations.SquaredError(prediction, target, _factors, _errors);
        var sum = 0.0;
        for (var row = 0; row < _errors.Length; row++)
        {
            if (_weights[row] > 0) sum += _weights[row] * _errors[row];
        }

        return sum / batchValues;
    }

    private void Weigh(ReadOnlySpan<int> samples, Tensor target)
    {
        var row = 0;
        foreach (var sample in samples)
        {
            foreach (var counts in masks[sample])
            {
                _weights[row] = counts ? WeightOf(HostTensorBuffer.RowSpan(target, row)) : 0;
                row++;
            }
        }
    }

    private float WeightOf(ReadOnlySpan<float> target) =>
        kind == LossKind.Mse ? 1 : 1 / ((TensorPrimitives.SumOfSquares(target) / target.Length) + epsilon);
}
