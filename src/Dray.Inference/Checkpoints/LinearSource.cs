namespace Dray.Inference.Checkpoints;

/// <summary>
/// A linear layer's weights as a checkpoint stores them, read strip by strip while a backend packs them, perhaps on several threads at once.
/// </summary>
public abstract class LinearSource(string name, int outputs, int inputs)
{
    /// <summary>Gets the module's name in the checkpoint, for messages.</summary>
    public string Name { get; } = name;

    /// <summary>Gets N, the number of outputs.</summary>
    public int Outputs { get; } = outputs;

    /// <summary>Gets K, the number of inputs.</summary>
    public int Inputs { get; } = inputs;

    /// <summary>Writes rows <paramref name="first"/>.. of the weight matrix, dequantised exactly to float32, [count, K] row-major.</summary>
    public abstract void ReadRows(int first, int count, Span<float> target);
}
