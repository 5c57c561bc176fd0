using Dray.Inference.Compute;

namespace Dray.Quantization.Tuning;

/// <summary>What goes in and comes out of passes over a few samples.</summary>
/// <param name="backend">What allocates.</param>
/// <param name="samples">The most samples of a pass.</param>
/// <param name="tokens">T, tokens of a sample.</param>
/// <param name="hidden">Values of a token.</param>
internal sealed class SampleRows(IComputeBackend backend, int samples, int tokens, int hidden) : IDisposable
{
    private readonly TensorBuffer _inputs = backend.Allocate(samples * tokens, hidden);
    private readonly TensorBuffer _outputs = backend.Allocate(samples * tokens, hidden);
    private readonly TensorBuffer _targets = backend.Allocate(samples * tokens, hidden);

    /// <summary>Gets the most samples of a pass.</summary>
    public int MaxSamples => samples;

    /// <summary>Gets T, tokens of a sample.</summary>
    public int Tokens => tokens;

    /// <summary>Views of the rows of <paramref name="count"/> samples.</summary>
    public (Tensor Inputs, Tensor Outputs, Tensor Targets) Take(int count) =>
        (_inputs.Take(count * tokens), _outputs.Take(count * tokens), _targets.Take(count * tokens));

    public void Dispose()
    {
        _inputs.Dispose();
        _outputs.Dispose();
        _targets.Dispose();
    }
}
