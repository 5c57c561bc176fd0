using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Bidirectional attention inside segments, as <see cref="Compute.IComputeBackend.SegmentAttention"/>.</summary>
internal sealed class SegmentAttention(Accelerator accelerator) : IDisposable
{
    private const int Entry = 4;

    private readonly int _threads = AttentionTile.ThreadsOn(accelerator);
    private readonly Action<AcceleratorStream, KernelConfig, Arguments> _kernel = accelerator.LoadKernel<Arguments>(Kernel);
    private MemoryBuffer1D<int, Stride1D.Dense>? _tiles;
    private int[] _host = [];
    private int[] _segments = [];
    private int _count;

    /// <summary>Launches. Segments are copied to the device when they differ from those of the call before, which waits.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="q">[M, heads · headDim].</param>
    /// <param name="k">As q.</param>
    /// <param name="v">As q.</param>
    /// <param name="headDim">Width of one head.</param>
    /// <param name="segments">Rows of each segment, in order.</param>
    /// <param name="y">As q. Must not overlap q, k or v.</param>
    public void Run(AcceleratorStream stream, DeviceTensor q, DeviceTensor k, DeviceTensor v, int headDim, ReadOnlySpan<int> segments, DeviceTensor y)
    {
        PagedAttention.Guard(headDim);
        if (_tiles is null || !segments.SequenceEqual(_segments)) Upload(stream, segments);
        if (_count == 0) return;
        var arguments = new Arguments { Q = q, K = k, V = v, Y = y, Tiles = _tiles!.View.AsContiguous(), HeadDim = headDim };
        _kernel(stream, new KernelConfig(new Index3D(_count, q.Columns / headDim, 1), new Index3D(_threads, 1, 1)), arguments);
    }

    public void Dispose() => _tiles?.Dispose();

    private void Upload(AcceleratorStream stream, ReadOnlySpan<int> segments)
    {
        var tiles = 0;
        foreach (var rows in segments) tiles += (rows + TileRows.Count - 1) / TileRows.Count;
        if (_host.Length < Entry * tiles) _host = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(Entry * tiles))];
        var (at, row) = (0, 0);
        foreach (var rows in segments)
        {
            for (var first = 0; first < rows; first += TileRows.Count)
            {
                (_host[at], _host[at + 1], _host[at + 2], _host[at + 3]) = (row + first, Math.Min(TileRows.Count, rows - first), row, rows);
                at += Entry;
            }

            row += rows;
        }

        stream.Synchronize();
        if (_tiles is null || _tiles.Length < _host.Length)
        {
            _tiles?.Dispose();
            _tiles = accelerator.Allocate1D<int>(Math.Max(1, _host.Length));
        }

        if (at > 0) _tiles.View.SubView(0, at).CopyFromCPU(stream, _host.AsSpan(0, at));
        (_segments, _count) = (segments.ToArray(), tiles);
    }

    private static void Kernel(Arguments a)
    {
        var tile = AttentionTile.Allocate(a.HeadDim);
        var entry = Grid.IdxX * Entry;
        var (token, tokens, firstRow, rows) = (a.Tiles[entry], a.Tiles[entry + 1], a.Tiles[entry + 2], a.Tiles[entry + 3]);
        var source = new SegmentSource(a.K, a.V, firstRow, rows, Grid.IdxY * a.HeadDim, a.HeadDim);
        tile.LoadQueries(a.Q, token, tokens, Grid.IdxY, 1, 0, rows - 1, 0);
        for (var at = 0; at < rows; at += AttentionTile.KeyTile) tile.Attend(source, at, Math.Min(AttentionTile.KeyTile, rows - at), at == 0);
        for (var i = Group.IdxX; i < tokens * a.HeadDim; i += Group.DimX)
        {
            var (row, d) = (i / a.HeadDim, i % a.HeadDim);
            a.Y.Data[((long)(token + row) * a.Y.Stride) + (Grid.IdxY * a.HeadDim) + d] = tile.Sum(row, d) / tile.Weight(row);
        }
    }

    internal struct Arguments
    {
        public DeviceTensor Q;
        public DeviceTensor K;
        public DeviceTensor V;
        public DeviceTensor Y;
        public ArrayView<int> Tiles;
        public int HeadDim;
    }
}
