using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Quantization.Tuning;

/// <summary>The products of linear layers with the same inputs, whose outputs lie one after another: forward, and both backward.</summary>
internal abstract class LinearProducts : IDisposable
{
    /// <summary>Takes the weights to multiply with from now on.</summary>
    /// <param name="parts">Each a <see cref="RoundedLinear"/> or a <see cref="FloatLinear"/>, in the order of their outputs; shapes never change.</param>
    public abstract void Load(IReadOnlyList<LinearSource> parts);

    /// <summary><c>y = x · Wᵀ</c>.</summary>
    /// <param name="x">[M, K]; it is remembered and must stay as it is until <see cref="Backward"/>, if that is to come.</param>
    /// <param name="y">[M, N].</param>
    /// <param name="isDraft">Whether 8 bits of x are enough.</param>
    public abstract void Forward(Tensor x, Tensor y, bool isDraft);

    /// <summary><c>dx = dy · W</c> and <c>dW = dyᵀ · x</c> for the last <see cref="Forward"/>.</summary>
    /// <param name="dy">[M, N].</param>
    /// <param name="dx">[M, K]; null where nobody wants it.</param>
    /// <param name="accumulateDx">Whether <paramref name="dx"/> is added to.</param>
    /// <param name="dw">[N, K].</param>
    /// <param name="accumulateDw">Whether <paramref name="dw"/> is added to.</param>
    public abstract void Backward(Tensor dy, Tensor? dx, bool accumulateDx, Tensor dw, bool accumulateDw);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Reads the weights of layers with the same inputs, one after another, [N, K].</summary>
    protected static void ReadWeights(IReadOnlyList<LinearSource> parts, Span<float> target)
    {
        foreach (var part in parts)
        {
            part.ReadRows(0, part.Outputs, target);
            target = target[(part.Outputs * part.Inputs)..];
        }
    }
}
