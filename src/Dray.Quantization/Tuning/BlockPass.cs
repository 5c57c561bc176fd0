using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;

namespace Dray.Quantization.Tuning;

/// <summary>
/// A decoder block's forward and backward pass over samples of equal length, which lie one after another in the rows: RMSNorm, causal
/// grouped-query attention with rotary positions, SwiGLU, residuals. Only the linear layers get gradients.
/// </summary>
internal sealed class BlockPass : IDisposable
{
    private readonly CpuBackend _backend;
    private readonly TextConfig _config;
    private readonly CausalShape _shape;
    private readonly RotaryEmbedding _rotary;
    private readonly Tensor _cos;
    private readonly Tensor _sin;
    private readonly TensorBuffer _backwardSin;
    private readonly TensorBuffer _attentionNorm;
    private readonly TensorBuffer _feedForwardNorm;
    private readonly TensorBuffer _normed;
    private readonly TensorBuffer _queryKeyValue;
    private readonly TensorBuffer _logSums;
    private readonly TensorBuffer _mixed;
    private readonly TensorBuffer _middle;
    private readonly TensorBuffer _middleNormed;
    private readonly TensorBuffer _gateUp;
    private readonly TensorBuffer _active;
    private readonly TensorBuffer _queryKeyValueGradient;
    private readonly TensorBuffer _wideGradient;
    private readonly TensorBuffer _hiddenGradient;
    private readonly LinearProducts[] _products;

    /// <summary>Takes the memory of passes.</summary>
    /// <param name="backend">What multiplies.</param>
    /// <param name="config">The block's shape.</param>
    /// <param name="sequenceLength">T, tokens of a sample.</param>
    /// <param name="samples">The most samples of a pass.</param>
    /// <param name="createProducts">Makes the products of layers with the same inputs.</param>
    public BlockPass(CpuBackend backend, TextConfig config, int sequenceLength, int samples, Func<LinearProducts> createProducts)
    {
        (_backend, _config) = (backend, config);
        Operations = TrainingOperations.For(backend);
        _shape = new CausalShape(sequenceLength, config.HeadDim, config.Heads, config.KvHeads);
        var rows = sequenceLength * samples;
        var (attention, hidden) = (config.Heads * config.HeadDim, config.HiddenSize);
        _rotary = new RotaryEmbedding(backend, config.HeadDim, config.RopeTheta);
        (_cos, _sin) = _rotary.At(backend, Positions(sequenceLength, samples));
        _backwardSin = Negated(_sin);
        _attentionNorm = backend.Allocate(1, hidden);
        _feedForwardNorm = backend.Allocate(1, hidden);
        _normed = backend.Allocate(rows, hidden);
        _queryKeyValue = backend.Allocate(rows, attention + (2 * config.KvHeads * config.HeadDim));
        _logSums = backend.Allocate(rows, config.Heads);
        _mixed = backend.Allocate(rows, attention);
        _middle = backend.Allocate(rows, hidden);
        _middleNormed = backend.Allocate(rows, hidden);
        _gateUp = backend.Allocate(rows, 2 * config.IntermediateSize);
        _active = backend.Allocate(rows, config.IntermediateSize);
        _queryKeyValueGradient = backend.Allocate(rows, _queryKeyValue.Columns);
        _wideGradient = backend.Allocate(rows, Math.Max(config.IntermediateSize, attention));
        _hiddenGradient = backend.Allocate(rows, hidden);
        _products = [createProducts(), createProducts(), createProducts(), createProducts()];
    }

    /// <summary>Gets the operations that passes are made of.</summary>
    public TrainingOperations Operations { get; }

    /// <summary>Takes the gains of the normalisations.</summary>
    public void LoadNorms(DecoderBlock block)
    {
        _backend.Upload(block.AttentionNorm, _attentionNorm.View);
        _backend.Upload(block.FeedForwardNorm, _feedForwardNorm.View);
    }

    /// <summary>Takes the weights of the linear layers.</summary>
    /// <param name="layers">In the order q, k, v, o, gate, up, down.</param>
    public void LoadLayers(IReadOnlyList<LinearSource> layers)
    {
        _products[0].Load([layers[0], layers[1], layers[2]]);
        _products[1].Load([layers[3]]);
        _products[2].Load([layers[4], layers[5]]);
        _products[3].Load([layers[6]]);
    }

    /// <summary>The block's output <paramref name="y"/> [M, hidden] for its input <paramref name="x"/> [M, hidden].</summary>
    /// <param name="x">Whole samples.</param>
    /// <param name="y">Another tensor than <paramref name="x"/>.</param>
    /// <param name="isDraft">Whether 8 bits of the linear layers' inputs are enough, as they are where only a step of tuning follows.</param>
    public void Forward(Tensor x, Tensor y, bool isDraft = false)
    {
        var rows = x.Rows;
        var (normed, mixed, middle, middleNormed) = (_normed.Take(rows), _mixed.Take(rows), _middle.Take(rows), _middleNormed.Take(rows));
        var (queryKeyValue, gateUp, active) = (_queryKeyValue.Take(rows), _gateUp.Take(rows), _active.Take(rows));
        var (q, k, v) = Split(queryKeyValue);

        _backend.RmsNorm(x, _attentionNorm.View, _config.RmsNormEpsilon, normed);
        _products[0].Forward(normed, queryKeyValue, isDraft);
        _backend.Rope(q, _config.HeadDim, _cos.SliceRows(0, rows), _sin.SliceRows(0, rows));
        _backend.Rope(k, _config.HeadDim, _cos.SliceRows(0, rows), _sin.SliceRows(0, rows));
        Operations.CausalAttention(_shape, q, k, v, mixed, _logSums.Take(rows));
        _products[1].Forward(mixed, middle, isDraft);
        Operations.Add(x, middle);

        _backend.RmsNorm(middle, _feedForwardNorm.View, _config.RmsNormEpsilon, middleNormed);
        _products[2].Forward(middleNormed, gateUp, isDraft);
        _backend.SwiGlu(gateUp, active);
        _products[3].Forward(active, y, isDraft);
        Operations.Add(middle, y);
    }

    /// <summary>What a linear layer got in the last <see cref="Forward"/> of <paramref name="rows"/> rows, by its place in the order of layers.</summary>
    public Tensor InputOf(int layer, int rows) => layer switch
    {
        <= 2 => _normed.Take(rows),
        3 => _mixed.Take(rows),
        <= 5 => _middleNormed.Take(rows),
        _ => _active.Take(rows),
    };

    /// <summary>Gradients of the linear layers' weights for the last <see cref="Forward"/>; what that has left is used up.</summary>
    /// <param name="dy">dL/dy, [M, hidden]; overwritten.</param>
    /// <param name="gradients">What the gradients are written or added to.</param>
    /// <param name="accumulate">Whether they are added.</param>
    public void Backward(Tensor dy, BlockGradients gradients, bool accumulate)
    {
        var rows = dy.Rows;
        var (queryKeyValue, gateUp) = (_queryKeyValue.Take(rows), _gateUp.Take(rows));
        var dHidden = _hiddenGradient.Take(rows);
        var dActive = _wideGradient.Take(rows).SliceColumns(0, _config.IntermediateSize);

        _products[3].Backward(dy, dActive, false, gradients.Down, accumulate);
        Operations.SwiGluGradient(gateUp, dActive);
        _products[2].Backward(gateUp, dHidden, false, gradients.GateUp, accumulate);
        Operations.RmsNormGradient(_middle.Take(rows), _feedForwardNorm.View, _config.RmsNormEpsilon, dHidden, dy);

        var dMixed = _wideGradient.Take(rows).SliceColumns(0, _mixed.Columns);
        var dQueryKeyValue = _queryKeyValueGradient.Take(rows);
        var ((q, k, v), (dq, dk, dv)) = (Split(queryKeyValue), Split(dQueryKeyValue));
        _products[1].Backward(dy, dMixed, false, gradients.Output, accumulate);
        Operations.CausalAttentionGradient(_shape, q, k, v, _mixed.Take(rows), _logSums.Take(rows), dMixed, dq, dk, dv);
        _backend.Rope(dq, _config.HeadDim, _cos.SliceRows(0, rows), _backwardSin.Take(rows));
        _backend.Rope(dk, _config.HeadDim, _cos.SliceRows(0, rows), _backwardSin.Take(rows));
        _products[0].Backward(dQueryKeyValue, null, false, gradients.QueryKeyValue, accumulate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var product in _products) product.Dispose();
        foreach (var buffer in new[]
        {
            _backwardSin, _attentionNorm, _feedForwardNorm, _normed, _queryKeyValue, _logSums, _mixed, _middle, _middleNormed, _gateUp, _active,
            _queryKeyValueGradient, _wideGradient, _hiddenGradient,
        })
        {
            buffer.Dispose();
        }

        _rotary.Dispose();
        Operations.Dispose();
    }

    private (Tensor Q, Tensor K, Tensor V) Split(Tensor queryKeyValue)
    {
        var (queries, keys) = (_config.Heads * _config.HeadDim, _config.KvHeads * _config.HeadDim);
        return (
            queryKeyValue.SliceColumns(0, queries), queryKeyValue.SliceColumns(queries, keys), queryKeyValue.SliceColumns(queries + keys, keys));
    }

    private TensorBuffer Negated(Tensor tensor)
    {
        var values = new float[tensor.Rows * tensor.Columns];
        _backend.Download(tensor, values);
        for (var i = 0; i < values.Length; i++) values[i] = -values[i];
        var buffer = _backend.Allocate(tensor.Rows, tensor.Columns);
        _backend.Upload(values, buffer.View);
        return buffer;
    }

    private static int[] Positions(int sequenceLength, int samples)
    {
        var positions = new int[sequenceLength * samples];
        for (var i = 0; i < positions.Length; i++) positions[i] = i % sequenceLength;
        return positions;
    }
}
