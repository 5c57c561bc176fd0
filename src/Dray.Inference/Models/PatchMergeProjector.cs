using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// From vision hidden states to text embeddings: RMSNorm, each merge × merge square of patches joined into one row and mapped back to the
/// vision's width, then two linear layers with GELU between them.
/// </summary>
internal sealed class PatchMergeProjector : IDisposable
{
    private readonly IComputeBackend backend;
    private readonly int merge;
    private readonly float epsilon;
    private readonly TensorBuffer norm;
    private readonly WeightMatrix merging;
    private readonly WeightMatrix first;
    private readonly WeightMatrix second;
    private readonly Workspace normed;
    private readonly Workspace squares;
    private readonly Workspace merged;
    private readonly Workspace inner;

    public PatchMergeProjector(IComputeBackend backend, Checkpoint checkpoint, VisionConfig vision)
    {
        this.backend = backend;
        var (text, name) = (checkpoint.Config.Text, "multi_modal_projector");
        (merge, epsilon) = (vision.MergeSize, text.RmsNormEpsilon);
        var (width, square) = (vision.HiddenSize, vision.HiddenSize * merge * merge);
        norm = backend.LoadVector(checkpoint.Vector($"{name}.norm", width));
        merging = backend.LoadMatrix([PatchMajorLinear.From(checkpoint.Linear($"{name}.patch_merger.merging_layer"), merge * merge)]);
        first = backend.LoadMatrix([checkpoint.Linear($"{name}.linear_1")]);
        second = backend.LoadMatrix([checkpoint.Linear($"{name}.linear_2")]);
        normed = new Workspace(backend, width);
        squares = new Workspace(backend, square);
        merged = new Workspace(backend, width);
        inner = new Workspace(backend, text.HiddenSize);
    }

    /// <summary>Gets or sets a listener for the stages, for conformance tests.</summary>
    public Action<string, Tensor>? Trace { get; set; }

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => merging.Bytes + first.Bytes + second.Bytes;

    /// <summary>Projects <paramref name="x"/> [patches, vision hidden] into <paramref name="y"/> [patches / merge², text hidden].</summary>
    public void Project(Tensor x, IReadOnlyList<PatchGrid> grids, Tensor y)
    {
        var states = normed.Take(x.Rows);
        backend.RmsNorm(x, norm.View, epsilon, states);
        Trace?.Invoke("projector.norm", states);

        var joined = squares.Take(y.Rows);
        for (var offset = 0; offset < merge * merge; offset++)
            backend.GatherRows(states, PatchRows(grids, y.Rows, offset), joined.SliceColumns(offset * x.Columns, x.Columns));
        var small = merged.Take(y.Rows);
        backend.MatMul(joined, merging, small);
        Trace?.Invoke("projector.patch_merger", small);

        var wide = inner.Take(y.Rows);
        backend.MatMul(small, first, wide);
        backend.Gelu(wide);
        backend.MatMul(wide, second, y);
        Trace?.Invoke("projector.out", y);
    }

    public void Dispose()
    {
        foreach (var workspace in new[] { normed, squares, merged, inner }) workspace.Dispose();
        norm.Dispose();
        merging.Dispose();
        first.Dispose();
        second.Dispose();
    }

    /// <summary>Per merged row the patch at <paramref name="offset"/> (row-major) of its square.</summary>
    private int[] PatchRows(IReadOnlyList<PatchGrid> grids, int count, int offset)
    {
        var rows = new int[count];
        var (at, start) = (0, 0);
        foreach (var grid in grids)
        {
            for (var row = offset / merge; row < grid.Rows; row += merge)
            {
                for (var column = offset % merge; column < grid.Columns; column += merge)
                    rows[at++] = start + (row * grid.Columns) + column;
            }

            start += grid.Patches;
        }

        return rows;
    }
}
