using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// A text decoder and, where the checkpoint has one, a vision encoder with its projector: Mistral3ForConditionalGeneration, and the
/// text-only Mistral and Llama models as the same thing without eyes.
/// </summary>
internal sealed class Mistral3 : IDisposable
{
    private readonly IComputeBackend _backend;
    private readonly PixtralVision? _vision;
    private readonly PatchMergeProjector? _projector;

    public Mistral3(IComputeBackend backend, Checkpoint checkpoint, IProgress<LoadProgress>? progress = null)
    {
        _backend = backend;
        Config = checkpoint.Config;
        Decoder = new MistralDecoder(backend, checkpoint, progress);
        if (Config.Vision is not { } eyes) return;
        _vision = new PixtralVision(backend, checkpoint, eyes);
        _projector = new PatchMergeProjector(backend, checkpoint, eyes);
    }

    /// <exception cref="EngineConfigurationException">The weights don't fit into the backend's memory.</exception>
    public static Mistral3 Load(IComputeBackend backend, Checkpoint checkpoint, IProgress<LoadProgress>? progress = null)
    {
        try
        {
            return backend.Load(checkpoint, () => new Mistral3(backend, checkpoint, progress));
        }
        catch (DeviceMemoryException exception)
        {
            throw new EngineConfigurationException(
                $"The weights need {CheckpointInspector.Inspect(checkpoint).WeightBytes >> 20} MiB, which {backend.Name} with {backend.MemoryBytes >> 20} MiB does not have free " +
                $"({exception.Message.TrimEnd('.')}): choose a device with more memory or a checkpoint of fewer bits, or end the other processes that use the device.",
                exception);
        }
    }

    public ModelConfig Config { get; }

    public MistralDecoder Decoder { get; }

    /// <summary>Gets the bytes of all resident weights.</summary>
    public long WeightBytes => Decoder.WeightBytes + (_vision?.WeightBytes ?? 0) + (_projector?.WeightBytes ?? 0);

    /// <summary>Sets a listener for intermediate tensors, for conformance tests.</summary>
    public Action<string, Tensor>? Trace
    {
        set
        {
            Decoder.Trace = value;
            _vision?.Trace = value;
            _projector?.Trace = value;
        }
    }

    /// <summary>Encodes pictures to text embeddings [merged patches of all, hidden], a new buffer that the caller owns.</summary>
    /// <param name="patches">Normalised pixels per patch, pictures one after another.</param>
    /// <param name="grids">The pictures' patch grids, multiples of the merge size.</param>
    public TensorBuffer EncodeImages(ReadOnlySpan<float> patches, IReadOnlyList<PatchGrid> grids)
    {
        if (_vision is null || _projector is null || Config.Vision is not { } eyes)
            throw new RequestRejectedException(RequestErrorCodes.InvalidRequest, "The model served has no vision encoder, so the request must not hold pictures.");
        var embeddings = _backend.Allocate(grids.Sum(grid => grid.Patches) / (eyes.MergeSize * eyes.MergeSize), Config.Text.HiddenSize);
        _projector.Project(_vision.Encode(patches, grids), grids, embeddings.View);
        return embeddings;
    }

    public void Dispose()
    {
        Decoder.Dispose();
        _vision?.Dispose();
        _projector?.Dispose();
    }
}
