using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// From vision hidden states to text embeddings: RMSNorm, each merge × merge square of patches joined into one row and mapped back to the
/// vision's width, then two linear layers with GELU between them.
/// </summary>
internal sealed class PatchMergeProjector : IDisposable
{
    private readonly IComputeBackend _backend;
    private readonly int _merge;
    private readonly float _epsilon;
    private readonly TensorBuffer _norm;
    private readonly WeightMatrix _merging;
    private readonly WeightMatrix _first;
    private readonly WeightMatrix _second;
    private readonly Workspace _normed;
    private readonly Workspace _squares;
    private readonly Workspace _merged;
    private readonly Workspace _inner;

    public PatchMergeProjector(IComputeBackend backend, Checkpoint checkpoint, VisionConfig vision)
    {
        _backend = backend;
        var (text, name) = (checkpoint.Config.Text, "multi_modal_projector");
        (_merge, _epsilon) = (vision.MergeSize, text.RmsNormEpsilon);
        var (width, square) = (vision.HiddenSize, vision.HiddenSize * _merge * _merge);
        _norm = backend.LoadVector(checkpoint.Vector($"{name}.norm", width));
        _merging = backend.LoadMatrix([PatchMajorLinear.From(checkpoint.Linear($"{name}.patch_merger.merging_layer"), _merge * _merge)]);
        _first = backend.LoadMatrix([checkpoint.Linear($"{name}.linear_1")]);
        _second = backend.LoadMatrix([checkpoint.Linear($"{name}.linear_2")]);
        _normed = new Workspace(backend, width);
        _squares = new Workspace(backend, square);
        _merged = new Workspace(backend, width);
        _inner = new Workspace(backend, text.HiddenSize);
    }

    /// <summary>Gets or sets a listener for the stages, for conformance tests.</summary>
    public Action<string, Tensor>? Trace { get; set; }

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => _merging.Bytes + _first.Bytes + _second.Bytes;

    /// <summary>Projects <paramref name="x"/> [patches, vision hidden] into <paramref name="y"/> [patches / merge², text hidden].</summary>
    public void Project(Tensor x, IReadOnlyList<PatchGrid> grids, Tensor y)
    {
        var states = _normed.Take(x.Rows);
        _backend.RmsNorm(x, _norm.View, _epsilon, states);
        Trace?.Invoke("projector.norm", states);

        var joined = _squares.Take(y.Rows);
        for (var offset = 0; offset < _merge * _merge; offset++)
            _backend.GatherRows(states, PatchRows(grids, y.Rows, offset), joined.SliceColumns(offset * x.Columns, x.Columns));
        var small = _merged.Take(y.Rows);
        _backend.MatMul(joined, _merging, small);
        Trace?.Invoke("projector.patch_merger", small);

        var wide = _inner.Take(y.Rows);
        _backend.MatMul(small, _first, wide);
        _backend.Gelu(wide);
        _backend.MatMul(wide, _second, y);
        Trace?.Invoke("projector.out", y);
    }

    public void Dispose()
    {
        foreach (var workspace in new[] { _normed, _squares, _merged, _inner }) workspace.Dispose();
        _norm.Dispose();
        _merging.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    /// <summary>Per merged row the patch at <paramref name="offset"/> (row-major) of its square.</summary>
    private int[] PatchRows(IReadOnlyList<PatchGrid> grids, int count, int offset)
    {
        var rows = new int[count];
        var (at, start) = (0, 0);
        foreach (var grid in grids)
        {
            for (var row = offset / _merge; row < grid.Rows; row += _merge)
            {
                for (var column = offset % _merge; column < grid.Columns; column += _merge)
                    rows[at++] = start + (row * grid.Columns) + column;
            }

            start += grid.Patches;
        }

        return rows;
    }
}
