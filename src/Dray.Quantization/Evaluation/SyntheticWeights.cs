using Dray.Inference.Checkpoints;

namespace Dray.Quantization.Evaluation;

/// <summary>A text model's weights made up in memory: linear layers in 4 bits, embedding and head in bf16, gains of one, as AutoRound exports a model.</summary>
/// <param name="shape">The model's shape.</param>
internal sealed class SyntheticWeights(TextConfig shape) : IModelWeights
{
    private readonly Dictionary<string, (int Outputs, int Inputs)> _shapes = ModuleShapes.Of(ConfigOf(shape));

    /// <inheritdoc/>
    public ModelConfig Config { get; } = ConfigOf(shape);

    /// <inheritdoc/>
    public long TotalBytes => 0;

    /// <inheritdoc/>
    public long OpenedBytes => 0;

    /// <inheritdoc/>
    public LinearSource Linear(string module)
    {
        var (outputs, inputs) = _shapes[module];
        return module == ModuleNames.Head
            ? new SyntheticDense(module, outputs, inputs)
            : new SyntheticQuantized(module, outputs, inputs, BenchmarkShapes.GroupSize);
    }

    /// <inheritdoc/>
    public DenseLinear Embedding(string module) => new SyntheticDense(module, _shapes[module].Outputs, _shapes[module].Inputs);

    /// <inheritdoc/>
    public float[] Vector(string module, int length)
    {
        var gains = new float[length];
        gains.AsSpan().Fill(1);
        return gains;
    }

    private static ModelConfig ConfigOf(TextConfig shape) => new() { Architecture = "MistralForCausalLM", Text = shape, Generation = new GenerationConfig() };
}
