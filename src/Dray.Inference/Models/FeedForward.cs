using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>The gated feed-forward branch, <c>x += down(silu(gate(n)) · up(n)), n = norm(x)</c> (Shazeer, "GLU variants", 2020).</summary>
internal sealed class FeedForward(IComputeBackend backend, int intermediateSize) : IDisposable
{
    /// <summary>It runs over so many rows at a time: its 2 · intermediate columns are the widest of all activations.</summary>
    private const int RowsAtOnce = 2048;

    private readonly Workspace _gateUp = new(backend, 2 * intermediateSize);
    private readonly Workspace _activated = new(backend, intermediateSize);

    /// <summary>Takes what passes of up to <paramref name="rows"/> rows need.</summary>
    public void Reserve(int rows)
    {
        _gateUp.Take(Math.Min(rows, RowsAtOnce));
        _activated.Take(Math.Min(rows, RowsAtOnce));
    }

    /// <param name="layer">The weights.</param>
    /// <param name="epsilon">Of the normalisation.</param>
    /// <param name="norm">Scratch, [M, hidden].</param>
    /// <param name="x">The residual stream to add to, [M, hidden].</param>
    public void AddTo(TransformerLayer layer, float epsilon, Tensor norm, Tensor x)
    {
        for (var first = 0; first < x.Rows; first += RowsAtOnce)
        {
            var rows = Math.Min(RowsAtOnce, x.Rows - first);
            var (wide, active) = (_gateUp.Take(rows), _activated.Take(rows));
            var slice = x.SliceRows(first, rows);
            backend.NormMatMul(slice, layer.FeedForwardNorm, epsilon, norm.SliceRows(first, rows), layer.GateUp, wide);
            backend.SwiGluMatMul(wide, active, layer.Down, slice, accumulate: true);
        }
    }

    public void Dispose()
    {
        _gateUp.Dispose();
        _activated.Dispose();
    }
}
