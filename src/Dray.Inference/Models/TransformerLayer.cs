using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>Weights of one transformer layer, text or vision.</summary>
internal sealed class TransformerLayer : IDisposable
{
    private readonly TensorBuffer _attentionNorm;
    private readonly TensorBuffer _feedForwardNorm;

    public TransformerLayer(IComputeBackend backend, Checkpoint checkpoint, TransformerLayerSpec spec)
    {
        _attentionNorm = backend.LoadVector(checkpoint.Vector(spec.AttentionNorm, spec.HiddenSize));
        _feedForwardNorm = backend.LoadVector(checkpoint.Vector(spec.FeedForwardNorm, spec.HiddenSize));
        QueryKeyValue = backend.LoadMatrix([
            checkpoint.Linear($"{spec.Attention}.q_proj"),
            checkpoint.Linear($"{spec.Attention}.k_proj"),
            checkpoint.Linear($"{spec.Attention}.v_proj")]);
        Output = backend.LoadMatrix([checkpoint.Linear($"{spec.Attention}.o_proj")]);
        GateUp = backend.LoadMatrix([
            checkpoint.Linear($"{spec.FeedForward}.gate_proj"),
            checkpoint.Linear($"{spec.FeedForward}.up_proj")]);
        Down = backend.LoadMatrix([checkpoint.Linear($"{spec.FeedForward}.down_proj")]);
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
