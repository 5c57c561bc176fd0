using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// Cosines and sines of rotary position embedding for the rows of one pass, [M, headDim / 2]. Angles are float32 products of position
/// and inverse frequency, as upstream computes them: exact angles would differ from the trained model's far out.
/// </summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly float[] inverseFrequencies;
    private readonly Workspace cos;
    private readonly Workspace sin;
    private float[] hostCos = [];
    private float[] hostSin = [];

    public RotaryEmbedding(IComputeBackend backend, int headDim, double theta)
    {
        (cos, sin) = (new Workspace(backend, headDim / 2), new Workspace(backend, headDim / 2));
        inverseFrequencies = new float[headDim / 2];
        for (var j = 0; j < inverseFrequencies.Length; j++)
            inverseFrequencies[j] = 1f / (float)Math.Pow(theta, 2f * j / headDim);
    }

    /// <summary>Text positions: row m is rotated by positions[m] · f_j.</summary>
    public (Tensor Cos, Tensor Sin) At(IComputeBackend backend, ReadOnlySpan<int> positions)
    {
        Begin(positions.Length);
        var at = 0;
        foreach (var position in positions)
        {
            foreach (var frequency in inverseFrequencies) Put(at++, position * frequency);
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
        var half = inverseFrequencies.Length / 2;
        Begin(patches);
        var at = 0;
        foreach (var grid in grids)
        {
            for (var patch = 0; patch < grid.Patches; patch++)
            {
                for (var j = 0; j < half; j++) Put(at++, patch / grid.Columns * inverseFrequencies[2 * j]);
                for (var j = 0; j < half; j++) Put(at++, patch % grid.Columns * inverseFrequencies[(2 * j) + 1]);
            }
        }

        return End(backend, patches);
    }

    public void Dispose()
    {
        cos.Dispose();
        sin.Dispose();
    }

    private void Begin(int rows)
    {
        var length = rows * inverseFrequencies.Length;
        if (hostCos.Length >= length) return;
        (hostCos, hostSin) = (new float[length], new float[length]);
    }

    private void Put(int index, float angle)
    {
        hostCos[index] = MathF.Cos(angle);
        hostSin[index] = MathF.Sin(angle);
    }

    private (Tensor Cos, Tensor Sin) End(IComputeBackend backend, int rows)
    {
        var (c, s) = (cos.Take(rows), sin.Take(rows));
        backend.Upload(hostCos.AsSpan(0, rows * inverseFrequencies.Length), c);
        backend.Upload(hostSin.AsSpan(0, rows * inverseFrequencies.Length), s);
        return (c, s);
    }
}
