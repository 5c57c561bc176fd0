using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Quantization.Tuning;

/// <summary>dL/dW of a decoder block's linear layers, those with the same inputs as one matrix.</summary>
internal sealed class BlockGradients(IComputeBackend backend, TextConfig config) : IDisposable
{
    private readonly TensorBuffer _queryKeyValue =
        backend.Allocate((config.Heads + (2 * config.KvHeads)) * config.HeadDim, config.HiddenSize);

    private readonly TensorBuffer _output = backend.Allocate(config.HiddenSize, config.Heads * config.HeadDim);
    private readonly TensorBuffer _gateUp = backend.Allocate(2 * config.IntermediateSize, config.HiddenSize);
    private readonly TensorBuffer _down = backend.Allocate(config.HiddenSize, config.IntermediateSize);

    public Tensor QueryKeyValue => _queryKeyValue.View;

    public Tensor Output => _output.View;

    public Tensor GateUp => _gateUp.View;

    public Tensor Down => _down.View;

    /// <summary>The gradient of one layer, [N, K], by its place in the order q, k, v, o, gate, up, down.</summary>
    public Tensor Of(int layer)
    {
        var (queries, keys) = (config.Heads * config.HeadDim, config.KvHeads * config.HeadDim);
        return layer switch
        {
            0 => QueryKeyValue.SliceRows(0, queries),
            1 => QueryKeyValue.SliceRows(queries, keys),
            2 => QueryKeyValue.SliceRows(queries + keys, keys),
            3 => Output,
            4 => GateUp.SliceRows(0, config.IntermediateSize),
            5 => GateUp.SliceRows(config.IntermediateSize, config.IntermediateSize),
            _ => Down,
        };
    }

    public void Dispose()
    {
        _queryKeyValue.Dispose();
        _output.Dispose();
        _gateUp.Dispose();
        _down.Dispose();
    }
}
