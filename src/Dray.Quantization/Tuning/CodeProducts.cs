using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Tuning;

/// <summary>
/// Products in integers, <see cref="IntegerProducts"/>, where all layers are rounded alike, symmetrically and in groups of whole strips; layers that
/// aren't are multiplied by <see cref="FloatProducts"/>.
/// </summary>
/// <param name="backend">Its threads compute.</param>
/// <param name="kernels">The routines.</param>
internal sealed class CodeProducts(CpuBackend backend, TrainingKernels kernels) : LinearProducts
{
    private FloatProducts? _floats;
    private IntegerProducts? _integers;
    private CodedRows[] _layers = [];
    private Tensor _x;

    /// <inheritdoc/>
    public override void Load(IReadOnlyList<LinearSource> parts)
    {
        if (!Fit(parts))
        {
            _floats ??= new FloatProducts(backend);
            _floats.Load(parts);
            return;
        }

        var first = (RoundedLinear)parts[0];
        _floats?.Dispose();
        _floats = null;
        _integers ??= new IntegerProducts(
            backend, kernels, parts.Sum(part => part.Outputs), first.Inputs, first.GroupSize, first.Weight.Scheme.Middle);
        if (_layers.Length != parts.Count) _layers = new CodedRows[parts.Count];
        for (var i = 0; i < parts.Count; i++)
        {
            var weight = ((RoundedLinear)parts[i]).Weight;
            _layers[i] = new CodedRows(weight.Outputs, weight.Codes, weight.Scales);
        }

        _integers.Load(_layers);
    }

    /// <inheritdoc/>
    public override void Forward(Tensor x, Tensor y, bool isDraft)
    {
        _x = x;
        if (_floats is not null) _floats.Forward(x, y, isDraft);
        else _integers!.Forward(x, y, isDraft ? ActivationPrecision.Bits8 : ActivationPrecision.Bits16);
    }

    /// <inheritdoc/>
    public override void Backward(Tensor dy, Tensor? dx, bool accumulateDx, Tensor dw, bool accumulateDw)
    {
        if (_floats is not null)
        {
            _floats.Backward(dy, dx, accumulateDx, dw, accumulateDw);
            return;
        }

        if (dx is { } gradient) _integers!.BackwardInputs(dy, gradient, accumulateDx);
        _integers!.BackwardWeights(dy, _x, dw, accumulateDw);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _floats?.Dispose();
        _integers?.Dispose();
    }

    private static bool Fit(IReadOnlyList<LinearSource> parts) =>
        parts.All(part => part is RoundedLinear layer && layer.Weight.Scheme == ((RoundedLinear)parts[0]).Weight.Scheme &&
            layer.Weight.Scheme.IsSymmetric && layer.Outputs % WeightStrip.Width == 0) &&
        (((RoundedLinear)parts[0]).GroupSize == parts[0].Inputs || ((RoundedLinear)parts[0]).GroupSize % WeightStrip.Width == 0) &&
        parts[0].Inputs % WeightStrip.Width == 0;
}
