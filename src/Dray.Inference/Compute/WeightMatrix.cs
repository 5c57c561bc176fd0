namespace Dray.Inference.Compute;

/// <summary>A resident weight matrix [N, K] in the layout of the backend that loaded it.</summary>
public abstract class WeightMatrix(int outputs, int inputs) : IDisposable
{
    /// <summary>Gets N, the number of outputs (rows of the matrix).</summary>
    public int Outputs { get; } = outputs;

    /// <summary>Gets K, the number of inputs (columns of the matrix).</summary>
    public int Inputs { get; } = inputs;

    /// <summary>Gets the bytes that the matrix occupies, codes and scales together.</summary>
    public abstract long Bytes { get; }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back.</summary>
    protected abstract void Dispose(bool disposing);
}
