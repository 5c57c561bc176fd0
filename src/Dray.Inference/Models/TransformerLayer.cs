using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>Weights of one transformer layer, text or vision.</summary>
internal sealed class TransformerLayer : IDisposable
{
    private readonly TensorBuffer _attentionNorm;
    private readonly TensorBuffer _feedForwardNorm;

    public TransformerLayer(IComputeBackend backend, IModelWeights weights, TransformerLayerSpec spec)
    {
        _attentionNorm = backend.LoadVector(weights.Vector(spec.AttentionNorm, spec.HiddenSize));
        _feedForwardNorm = backend.LoadVector(weights.Vector(spec.FeedForwardNorm, spec.HiddenSize));
        QueryKeyValue = backend.LoadMatrix([
            weights.Linear($"{spec.Attention}.q_proj"),
            weights.Linear($"{spec.Attention}.k_proj"),
            weights.Linear($"{spec.Attention}.v_proj")]);
        Output = backend.LoadMatrix([weights.Linear($"{spec.Attention}.o_proj")]);
        GateUp = backend.LoadMatrix([
            weights.Linear($"{spec.FeedForward}.gate_proj"),
            weights.Linear($"{spec.FeedForward}.up_proj")]);
        Down = backend.LoadMatrix([weights.Linear($"{spec.FeedForward}.down_proj")]);
    }

    public Tensor AttentionNorm => _attentionNorm.View;

    public Tensor FeedForwardNorm => _feedForwardNorm.View;

    public WeightMatrix QueryKeyValue { get; }

    public WeightMatrix Output { get; }

    public WeightMatrix GateUp { get; }

    public WeightMatrix Down { get; }

    public long Bytes => QueryKeyValue.Bytes + Output.Bytes + GateUp.Bytes + Down.Bytes;

    public void Dispose()
    {
        _attentionNorm.Dispose();
        _feedForwardNorm.Dispose();
        QueryKeyValue.Dispose();
        Output.Dispose();
        GateUp.Dispose();
        Down.Dispose();
    }
}
