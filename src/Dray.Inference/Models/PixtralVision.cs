using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// The vision encoder: patches of all pictures as one sequence with 2-D rotary positions, each picture attending only to itself
/// (Agrawal et al., "Pixtral 12B", 2024).
/// </summary>
internal sealed class PixtralVision : IDisposable
{
    private readonly IComputeBackend backend;
    private readonly VisionConfig config;
    private readonly WeightMatrix patchConvolution;
    private readonly TensorBuffer preNorm;
    private readonly TransformerLayer[] layers;
    private readonly RotaryEmbedding rotary;
    private readonly Workspace pixels;
    private readonly Workspace hidden;
    private readonly Workspace normed;
    private readonly Workspace queryKeyValue;
    private readonly Workspace attention;
    private readonly FeedForward feedForward;

    public PixtralVision(IComputeBackend backend, Checkpoint checkpoint, VisionConfig config)
    {
        this.backend = backend;
        this.config = config;
        var patchInputs = config.Channels * config.PatchSize * config.PatchSize;
        rotary = new RotaryEmbedding(backend, config.HeadDim, config.RopeTheta);
        patchConvolution = backend.LoadMatrix([checkpoint.Linear("vision_tower.patch_conv")]);
        preNorm = backend.LoadVector(checkpoint.Vector("vision_tower.ln_pre", config.HiddenSize));
        layers = [.. Enumerable.Range(0, config.Layers).Select(i => new TransformerLayer(backend, checkpoint, TransformerLayerSpec.Vision(config, i)))];

        Workspace Columns(int columns) => new(backend, columns);
        pixels = Columns(patchInputs);
        hidden = Columns(config.HiddenSize);
        normed = Columns(config.HiddenSize);
        queryKeyValue = Columns(3 * config.Heads * config.HeadDim);
        attention = Columns(config.Heads * config.HeadDim);
        feedForward = new FeedForward(backend, config.IntermediateSize);
    }

    /// <summary>Gets or sets a listener for the hidden states after each stage, for conformance tests.</summary>
    public Action<string, Tensor>? Trace { get; set; }

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => patchConvolution.Bytes + layers.Sum(layer => layer.Bytes);

    /// <summary>Hidden states [patches, hidden] of all pictures, one after another. Valid until the next call.</summary>
    /// <param name="patches">Normalised pixels per patch: channel · p² + y · p + x, patches row-major.</param>
    /// <param name="grids">The pictures' grids.</param>
    public Tensor Encode(ReadOnlySpan<float> patches, IReadOnlyList<PatchGrid> grids)
    {
        var rows = grids.Sum(grid => grid.Patches);
        var segments = grids.Select(grid => grid.Patches).ToArray();
        var width = config.Heads * config.HeadDim;
        var input = pixels.Take(rows);
        var x = hidden.Take(rows);
        var norm = normed.Take(rows);
        var qkv = queryKeyValue.Take(rows);
        var (q, k, v) = (qkv.SliceColumns(0, width), qkv.SliceColumns(width, width), qkv.SliceColumns(2 * width, width));
        var mixed = attention.Take(rows);
        var (cos, sin) = rotary.At(backend, grids);

        backend.Upload(patches, input);
        backend.MatMul(input, patchConvolution, x);
        Trace?.Invoke("vision.patch_embed", x);
        backend.RmsNorm(x, preNorm.View, VisionConfig.RmsNormEpsilon, x);
        Trace?.Invoke("vision.ln_pre", x);
        for (var i = 0; i < layers.Length; i++)
        {
            var layer = layers[i];
            backend.RmsNorm(x, layer.AttentionNorm, VisionConfig.RmsNormEpsilon, norm);
            backend.MatMul(norm, layer.QueryKeyValue, qkv);
            backend.Rope(q, config.HeadDim, cos, sin);
            backend.Rope(k, config.HeadDim, cos, sin);
            backend.SegmentAttention(q, k, v, config.HeadDim, segments, mixed);
            backend.MatMul(mixed, layer.Output, x, accumulate: true);

            backend.RmsNorm(x, layer.FeedForwardNorm, VisionConfig.RmsNormEpsilon, norm);
            feedForward.AddTo(norm, layer, x);
            Trace?.Invoke($"vision.layer.{i}", x);
        }

        return x;
    }

    public void Dispose()
    {
        foreach (var layer in layers) layer.Dispose();
        foreach (var workspace in new[] { pixels, hidden, normed, queryKeyValue, attention }) workspace.Dispose();
        feedForward.Dispose();
        rotary.Dispose();
        preNorm.Dispose();
        patchConvolution.Dispose();
    }
}
