using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Quantization.Tuning;

/// <summary>Products of layers with the same inputs, in runs that are multiplied alike: mostly one run of all of them.</summary>
/// <param name="backend">Its threads compute.</param>
/// <param name="kernels">The routines.</param>
internal sealed class GroupProducts(CpuBackend backend, TrainingKernels kernels) : LinearProducts
{
    private readonly IntegerProducts _integers = new(backend, kernels);
    private readonly List<(Kind Kind, int First, int Outputs, LinearProducts Products)> _runs = [];

    /// <inheritdoc/>
    public override void Load(IReadOnlyList<LinearSource> parts)
    {
        var (run, output) = (0, 0);
        for (var first = 0; first < parts.Count; run++)
        {
            var kind = Kind.Of(parts[first]);
            var end = first + 1;
            while (end < parts.Count && Kind.Of(parts[end]) == kind) end++;
            var layers = parts.Skip(first).Take(end - first).ToArray();
            var outputs = layers.Sum(layer => layer.Outputs);
            if (run == _runs.Count || _runs[run].Kind != kind || _runs[run].First != output || _runs[run].Outputs != outputs)
            {
                Cut(run);
                _runs.Add((kind, output, outputs, Create(kind)));
            }

            _runs[run].Products.Load(layers);
            (first, output) = (end, output + outputs);
        }

        Cut(run);
    }

    /// <inheritdoc/>
    public override void Forward(Tensor x, Tensor y, bool isDraft)
    {
        foreach (var (_, first, outputs, products) in _runs) products.Forward(x, y.SliceColumns(first, outputs), isDraft);
    }

    /// <inheritdoc/>
    public override void Backward(Tensor dy, Tensor? dx, bool accumulateDx, Tensor dw, bool accumulateDw)
    {
        foreach (var (_, first, outputs, products) in _runs)
        {
            products.Backward(dy.SliceColumns(first, outputs), dx, accumulateDx, dw.SliceRows(first, outputs), accumulateDw);
            accumulateDx = true;
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => Cut(0);

    private LinearProducts Create(Kind kind) =>
        kind.IsKept ? new KeptProducts(backend, _integers) : kind.Scheme is null ? new FloatProducts(backend) : new CodeProducts(_integers);

    private void Cut(int runs)
    {
        foreach (var run in _runs.Skip(runs)) run.Products.Dispose();
        _runs.RemoveRange(runs, _runs.Count - runs);
    }

    /// <summary>What a layer's neighbours must be too to be multiplied with it; no scheme for what integers can't do.</summary>
    private readonly record struct Kind(bool IsKept, Rounding.WeightScheme? Scheme)
    {
        public static Kind Of(LinearSource part) => new(
            part is not RoundedLinear && part.Outputs % WeightStrip.Width == 0, CodeProducts.Fits(part) ? ((RoundedLinear)part).Weight.Scheme : null);
    }
}
