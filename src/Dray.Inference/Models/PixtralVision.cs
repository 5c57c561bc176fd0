using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// The vision encoder: patches of all pictures as one sequence with 2-D rotary positions, each picture attending only to itself
/// (Agrawal et al., "Pixtral 12B", 2024).
/// </summary>
internal sealed class PixtralVision : IDisposable
{
    private readonly IComputeBackend _backend;
    private readonly VisionConfig _config;
    private readonly WeightMatrix _patchConvolution;
    private readonly TensorBuffer _preNorm;
    private readonly TransformerLayer[] _layers;
    private readonly RotaryEmbedding _rotary;
    private readonly Workspace _pixels;
    private readonly Workspace _hidden;
    private readonly Workspace _normed;
    private readonly Workspace _queryKeyValue;
    private readonly Workspace _attention;
    private readonly FeedForward _feedForward;

    public PixtralVision(IComputeBackend backend, Checkpoint checkpoint, VisionConfig config)
    {
        _backend = backend;
        _config = config;
        var patchInputs = config.Channels * config.PatchSize * config.PatchSize;
        _rotary = new RotaryEmbedding(backend, config.HeadDim, config.RopeTheta);
        _patchConvolution = backend.LoadMatrix([checkpoint.Linear("vision_tower.patch_conv")]);
        _preNorm = backend.LoadVector(checkpoint.Vector("vision_tower.ln_pre", config.HiddenSize));
        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new TransformerLayer(backend, checkpoint, TransformerLayerSpec.Vision(config, i)))];

        Workspace Columns(int columns) => new(backend, columns);
        _pixels = Columns(patchInputs);
        _hidden = Columns(config.HiddenSize);
        _normed = Columns(config.HiddenSize);
        _queryKeyValue = Columns(3 * config.Heads * config.HeadDim);
        _attention = Columns(config.Heads * config.HeadDim);
        _feedForward = new FeedForward(backend, config.IntermediateSize);
    }

    /// <summary>Gets or sets a listener for the hidden states after each stage, for conformance tests.</summary>
    public Action<string, Tensor>? Trace { get; set; }

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => _patchConvolution.Bytes + _layers.Sum(layer => layer.Bytes);

    /// <summary>Hidden states [patches, hidden] of all pictures, one after another. Valid until the next call.</summary>
    /// <param name="patches">Normalised pixels per patch: channel · p² + y · p + x, patches row-major.</param>
    /// <param name="grids">The pictures' grids.</param>
    public Tensor Encode(ReadOnlySpan<float> patches, IReadOnlyList<PatchGrid> grids)
    {
        var rows = grids.Sum(grid => grid.Patches);
        var segments = grids.Select(grid => grid.Patches).ToArray();
        var width = _config.Heads * _config.HeadDim;
        var input = _pixels.Take(rows);
        var x = _hidden.Take(rows);
        var norm = _normed.Take(rows);
        var qkv = _queryKeyValue.Take(rows);
        var (q, k, v) = (qkv.SliceColumns(0, width), qkv.SliceColumns(width, width), qkv.SliceColumns(2 * width, width));
        var mixed = _attention.Take(rows);
        var (cos, sin) = _rotary.At(_backend, grids);

        _backend.Upload(patches, input);
        _backend.MatMul(input, _patchConvolution, x);
        Trace?.Invoke("vision.patch_embed", x);
        _backend.RmsNorm(x, _preNorm.View, VisionConfig.RmsNormEpsilon, x);
        Trace?.Invoke("vision.ln_pre", x);
        for (var i = 0; i < _layers.Length; i++)
        {
            var layer = _layers[i];
            _backend.NormMatMul(x, layer.AttentionNorm, VisionConfig.RmsNormEpsilon, norm, layer.QueryKeyValue, qkv);
            _backend.Rope(q, _config.HeadDim, cos, sin);
            _backend.Rope(k, _config.HeadDim, cos, sin);
            _backend.SegmentAttention(q, k, v, _config.HeadDim, segments, mixed);
            _backend.MatMul(mixed, layer.Output, x, accumulate: true);
            _feedForward.AddTo(layer, VisionConfig.RmsNormEpsilon, norm, x);
            Trace?.Invoke($"vision.layer.{i}", x);
        }

        return x;
    }

    public void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        foreach (var workspace in new[] { _pixels, _hidden, _normed, _queryKeyValue, _attention }) workspace.Dispose();
        _feedForward.Dispose();
        _rotary.Dispose();
        _preNorm.Dispose();
        _patchConvolution.Dispose();
    }
}
