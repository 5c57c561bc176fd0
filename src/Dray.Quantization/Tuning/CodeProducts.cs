using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Tuning;

/// <summary>Products of layers that are rounded alike, in integers.</summary>
/// <param name="products">What multiplies.</param>
internal sealed class CodeProducts(IntegerProducts products) : LinearProducts
{
    private PackedPart? _codes;
    private PackedPart? _transposed;
    private PackedPart? _columns;
    private CodedRows[] _layers = [];
    private Tensor _x;

    /// <summary>Whether these layers can be multiplied so.</summary>
    public static bool Fits(LinearSource part) =>
        part is RoundedLinear { GroupSize: var group } && part.Outputs % WeightStrip.Width == 0 && part.Inputs % WeightStrip.Width == 0 &&
        group % WeightStrip.Width == 0;

    /// <inheritdoc/>
    public override void Load(IReadOnlyList<LinearSource> parts)
    {
        var first = (RoundedLinear)parts[0];
        var (outputs, scheme) = (parts.Sum(part => part.Outputs), first.Weight.Scheme);
        _codes ??= IntegerProducts.AllocateCodes(outputs, first.Inputs, first.GroupSize, scheme.IsSymmetric ? scheme.Middle : null);
        _transposed ??= IntegerProducts.AllocateFactor(first.Inputs, outputs);
        if (_layers.Length != parts.Count) _layers = new CodedRows[parts.Count];
        for (var i = 0; i < parts.Count; i++)
        {
            var weight = ((RoundedLinear)parts[i]).Weight;
            _layers[i] = new CodedRows(weight.Outputs, weight.Codes, weight.Scales, weight.Zeros);
        }

        products.Pack(_layers, first.GroupSize, _codes, _transposed);
    }

    /// <inheritdoc/>
    public override void Forward(Tensor x, Tensor y, bool isDraft)
    {
        _x = x;
        products.Multiply(x, _codes!, isDraft ? ActivationPrecision.Bits8 : ActivationPrecision.Bits16, y, accumulate: false);
    }

    /// <inheritdoc/>
    public override void Backward(Tensor dy, Tensor? dx, bool accumulateDx, Tensor dw, bool accumulateDw)
    {
        if (dx is { } gradient) products.Multiply(dy, _transposed!, ActivationPrecision.Bits8, gradient, accumulateDx);
        if (_columns is null || _columns.Inputs != _x.Rows)
        {
            _columns?.Dispose();
            _columns = IntegerProducts.AllocateFactor(_x.Columns, _x.Rows);
        }

        products.PackColumns(_x, _columns);
        products.MultiplyColumns(dy, _columns, dw, accumulateDw);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _codes?.Dispose();
        _transposed?.Dispose();
        _columns?.Dispose();
    }
}
