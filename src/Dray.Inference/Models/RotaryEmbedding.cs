using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// Cosines and sines of rotary position embedding for the rows of one pass, [M, headDim / 2]. Angles are float32 products of position
/// and inverse frequency, as upstream computes them: exact angles would differ from the trained model's far out.
/// </summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly float[] _inverseFrequencies;
    private readonly Workspace _cos;
    private readonly Workspace _sin;
    private float[] _hostCos = [];
    private float[] _hostSin = [];

    public RotaryEmbedding(IComputeBackend backend, int headDim, double theta)
    {
        (_cos, _sin) = (new Workspace(backend, headDim / 2), new Workspace(backend, headDim / 2));
        _inverseFrequencies = new float[headDim / 2];
        for (var j = 0; j < _inverseFrequencies.Length; j++)
            _inverseFrequencies[j] = 1f / (float)Math.Pow(theta, 2f * j / headDim);
    }

    /// <summary>Takes what passes of up to <paramref name="rows"/> rows need.</summary>
    public void Reserve(int rows)
    {
        _cos.Take(rows);
        _sin.Take(rows);
    }

    /// <summary>Text positions: row m is rotated by positions[m] · f_j.</summary>
    public (Tensor Cos, Tensor Sin) At(IComputeBackend backend, ReadOnlySpan<int> positions)
    {
        Begin(positions.Length);
        var at = 0;
        foreach (var position in positions)
        {
            foreach (var frequency in _inverseFrequencies) Put(at++, position * frequency);
        }

        return End(backend, positions.Length);
    }

    /// <summary>
    /// Pixtral's 2-D positions of a picture's patches, row-major: the first half of the angles turns with the patch's row by the even
    /// frequencies, the second half with its column by the odd ones.
    /// </summary>
    public (Tensor Cos, Tensor Sin) At(IComputeBackend backend, IReadOnlyList<PatchGrid> grids)
    {
        var patches = grids.Sum(grid => grid.Patches);
        var half = _inverseFrequencies.Length / 2;
        Begin(patches);
        var at = 0;
        foreach (var grid in grids)
        {
            for (var patch = 0; patch < grid.Patches; patch++)
            {
                for (var j = 0; j < half; j++) Put(at++, patch / grid.Columns * _inverseFrequencies[2 * j]);
                for (var j = 0; j < half; j++) Put(at++, patch % grid.Columns * _inverseFrequencies[(2 * j) + 1]);
            }
        }

        return End(backend, patches);
    }

    public void Dispose()
    {
        _cos.Dispose();
        _sin.Dispose();
    }

    private void Begin(int rows)
    {
        var length = rows * _inverseFrequencies.Length;
        if (_hostCos.Length >= length) return;
        (_hostCos, _hostSin) = (new float[length], new float[length]);
    }

    private void Put(int index, float angle)
    {
        _hostCos[index] = MathF.Cos(angle);
        _hostSin[index] = MathF.Sin(angle);
    }

    private (Tensor Cos, Tensor Sin) End(IComputeBackend backend, int rows)
    {
        var (c, s) = (_cos.Take(rows), _sin.Take(rows));
        backend.Upload(_hostCos.AsSpan(0, rows * _inverseFrequencies.Length), c);
        backend.Upload(_hostSin.AsSpan(0, rows * _inverseFrequencies.Length), s);
        return (c, s);
    }
}
