using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// A text decoder and, where the checkpoint has one, a vision encoder with its projector: Mistral3ForConditionalGeneration, and the
/// text-only Mistral and Llama models as the same thing without eyes.
/// </summary>
internal sealed class Mistral3 : IDisposable
{
    private readonly IComputeBackend backend;
    private readonly PixtralVision? vision;
    private readonly PatchMergeProjector? projector;

    public Mistral3(IComputeBackend backend, Checkpoint checkpoint, IProgress<LoadProgress>? progress = null)
    {
        this.backend = backend;
        Config = checkpoint.Config;
        Decoder = new MistralDecoder(backend, checkpoint, progress);
        if (Config.Vision is not { } eyes) return;
        vision = new PixtralVision(backend, checkpoint, eyes);
        projector = new PatchMergeProjector(backend, checkpoint, eyes);
    }

    public ModelConfig Config { get; }

    public MistralDecoder Decoder { get; }

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => Decoder.WeightBytes + (vision?.WeightBytes ?? 0) + (projector?.WeightBytes ?? 0);

    /// <summary>Sets a listener for intermediate tensors, for conformance tests.</summary>
    public Action<string, Tensor>? Trace
    {
        set
        {
            Decoder.Trace = value;
            vision?.Trace = value;
            projector?.Trace = value;
        }
    }

    /// <summary>Encodes pictures to text embeddings [merged patches of all, hidden], a new buffer that the caller owns.</summary>
    /// <param name="patches">Normalised pixels per patch, pictures one after another.</param>
    /// <param name="grids">The pictures' patch grids, multiples of the merge size.</param>
    public TensorBuffer EncodeImages(ReadOnlySpan<float> patches, IReadOnlyList<PatchGrid> grids)
    {
        if (vision is null || projector is null || Config.Vision is not { } eyes)
            throw new RequestRejectedException(RequestErrorCodes.InvalidRequest, "The model served has no vision encoder, so the request must not hold pictures.");
        var embeddings = backend.Allocate(grids.Sum(grid => grid.Patches) / (eyes.MergeSize * eyes.MergeSize), Config.Text.HiddenSize);
        projector.Project(vision.Encode(patches, grids), grids, embeddings.View);
        return embeddings;
    }

    public void Dispose()
    {
        Decoder.Dispose();
        vision?.Dispose();
        projector?.Dispose();
    }
}
