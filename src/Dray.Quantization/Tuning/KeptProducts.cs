using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Tuning;

/// <summary>
/// Products of layers that stay as they are: forward as the backend multiplies, the gradient of inputs in integers. Their weights aren't tuned, so
/// they get no gradient.
/// </summary>
/// <param name="backend">What multiplies forward.</param>
/// <param name="products">What multiplies backward.</param>
internal sealed class KeptProducts(CpuBackend backend, IntegerProducts products) : LinearProducts
{
    private IReadOnlyList<LinearSource> _parts = [];
    private WeightMatrix? _forward;
    private PackedPart? _transposed;

    /// <inheritdoc/>
    public override void Load(IReadOnlyList<LinearSource> parts)
    {
        // The same layers come again at every iteration of a block.
        if (_parts.SequenceEqual(parts)) return;
        Dispose();
        _parts = [.. parts];
        _forward = backend.LoadMatrix(parts);
    }

    /// <inheritdoc/>
    public override void Forward(Tensor x, Tensor y, bool isDraft) => backend.MatMul(x, _forward!, y);

    /// <inheritdoc/>
    public override void Backward(Tensor dy, Tensor? dx, bool accumulateDx, Tensor dw, bool accumulateDw)
    {
        if (dx is { } gradient) products.Multiply(dy, _transposed ??= Transpose(), ActivationPrecision.Bits8, gradient, accumulateDx);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _forward?.Dispose();
        _transposed?.Dispose();
        (_forward, _transposed) = (null, null);
    }

    private PackedPart Transpose()
    {
        var (outputs, inputs) = (_parts.Sum(part => part.Outputs), _parts[0].Inputs);
        using var weights = backend.Allocate(outputs, inputs);
        ReadWeights(_parts, HostTensorBuffer.Span(weights.View));
        var transposed = IntegerProducts.AllocateFactor(inputs, outputs);
        products.PackColumns(weights.View, transposed);
        return transposed;
    }
}
