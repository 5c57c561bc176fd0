using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Execution;
using Dray.Inference.Models;
using Dray.Inference.Sampling;
using Dray.Inference.Sampling.Grammar;
using Dray.Inference.Scheduling;
using Dray.Inference.Tokenization;
using Dray.Inference.Vision;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dray.Inference;

/// <summary>The engine: a checkpoint made resident on a backend, and the loop that answers requests with it.</summary>
public sealed class InferenceEngine : IInferenceEngine
{
    /// <summary>Room for so many tokens of an answer is made at once, however many it may have.</summary>
    private const int MostReservedTokens = 4096;

    private readonly IComputeBackend _backend;
    private readonly Mistral3 _model;
    private readonly TekkenTokenizer _tokenizer;
    private readonly PromptEncoder _encoder;
    private readonly ImageProcessor? _imageProcessor;
    private readonly int[] _endTokens;
    private readonly BlockHash? _root;
    private readonly GrammarCache _grammars;
    private readonly AnswerReader _reader;
    private readonly EngineLoop _loop;

    private InferenceEngine(IComputeBackend backend, Mistral3 model, Checkpoint checkpoint, TekkenTokenizer tokenizer, EngineOptions options, ILogger logger)
    {
        (_backend, _model, _tokenizer, _reader) = (backend, model, tokenizer, new AnswerReader(tokenizer));
        _endTokens = checkpoint.Config.Generation.EosTokenIds is { Count: > 0 } ids ? [.. ids] : [tokenizer.Eos];
        _grammars = new GrammarCache(tokenizer, _endTokens);
        _encoder = new PromptEncoder(tokenizer);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkpoint.Folder)));
        if (model.Config.Vision is { } vision) _imageProcessor = new ImageProcessor(SpecOf(vision, tokenizer, checkpoint.Folder), options.Images);

        var capacity = KvCapacity.Compute(model.Config.Text, options, model.WeightBytes, backend.MemoryBytes, backend.Name);
        logger.LogInformation(
            "{Model} on {Backend}: {Weights} MiB of weights, {KvType} KV cache for {Tokens} tokens: {Sequences} sequences at the full length of {Context}",
            name, backend.Name, model.WeightBytes >> 20, KvCacheDataTypes.NameOf(options.KvCacheDtype), capacity.Tokens, capacity.FullSequences, capacity.ContextLength);
        var text = model.Config.Text;
        var cache = Allocate(backend, new KvCacheShape(text.Layers, capacity.Blocks, text.KvHeads, text.HeadDim, options.KvCacheDtype));
        if (backend.HasOwnMemory) Reserve(model, options, backend.Name);
        var scheduling = new SchedulerOptions(options.MaxNumBatchedTokens, options.MaxNumSeqs) { ChunkedPrefill = options.EnableChunkedPrefill, PrefillFill = options.PrefillFill };
        if (options.EnablePrefixCaching) _root = BlockHash.Root(checkpoint.Digest);
        _loop = new EngineLoop(
            new Scheduler(new BlockPool(capacity.Blocks), scheduling),
            new ModelRunner(backend, model, cache, options.MaxNumBatchedTokens),
            logger);
        Model = new ModelIdentity(name, checkpoint.Digest, backend.Name, capacity.ContextLength);
        DefaultSampling = options.GenerationOverrides.Over(options.UseGenerationConfig ? checkpoint.Config.Generation : new GenerationConfig());
    }

    /// <inheritdoc/>
    public ModelIdentity Model { get; }

    /// <inheritdoc/>
    public SamplingParams DefaultSampling { get; }

    /// <inheritdoc/>
    public EngineStatistics Statistics => _loop.Statistics;

    /// <inheritdoc/>
    public Task<DeviceLostException> DeviceLost => _loop.DeviceLost;

    /// <summary>Loads a checkpoint folder and starts the loop. Takes <paramref name="backend"/> over, also when it fails.</summary>
    /// <exception cref="CheckpointException">The folder does not hold a checkpoint that Dray can run.</exception>
    /// <exception cref="EngineConfigurationException">The options don't fit the checkpoint or this machine.</exception>
    public static InferenceEngine Load(
        string folder, IComputeBackend backend, EngineOptions options, ILoggerFactory? loggers = null, IProgress<LoadProgress>? progress = null)
    {
        Mistral3? model = null;
        try
        {
            options.Validate();
            using var checkpoint = Checkpoint.Open(folder);
            var tokenizer = CheckpointTokenizer.Load(checkpoint.Folder, checkpoint.Config);
            model = Mistral3.Load(backend, checkpoint, progress);
            var logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<InferenceEngine>();
            return new InferenceEngine(backend, model, checkpoint, tokenizer, options, logger);
        }
        catch
        {
            model?.Dispose();
            backend.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        // Decoding pictures and tokenizing are the caller's work, not the loop's: they run beside the steps.
        var job = await Task.Run(() => Prepare(request, streams: false), cancellationToken).ConfigureAwait(false);
        _loop.Submit(job);
        await using var registration = cancellationToken.UnsafeRegister((state, token) => _loop.Cancel((GenerationJob)state!, token), job).ConfigureAwait(false);
        return await job.Result.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerationUpdate> StreamAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var job = await Task.Run(() => Prepare(request, streams: true), cancellationToken).ConfigureAwait(false);
        _loop.Submit(job);
        try
        {
            await foreach (var update in job.Stream!.ReadAsync(cancellationToken).ConfigureAwait(false)) yield return update;
        }
        finally
        {
            // Whoever stops reading, for whatever reason, gives the place back.
            if (!job.Result.IsCompleted) _loop.Cancel(job, new CancellationToken(canceled: true));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _loop.Dispose();
        _model.Dispose();
        _backend.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>How the model wants its pictures.</summary>
    /// <exception cref="CheckpointException">Tokenizer and configuration don't agree.</exception>
    internal static ImageSpec SpecOf(VisionConfig vision, TekkenTokenizer tokenizer, string folder)
    {
        var spec = tokenizer.Image ?? new ImageSpec(vision.PatchSize, vision.ImageSize, vision.MergeSize);
        return spec.PatchSize == vision.PatchSize && spec.MergeSize == vision.MergeSize ? spec : throw new CheckpointException(
            $"{folder}: tekken.json describes patches of {spec.PatchSize} pixels merged {spec.MergeSize} x {spec.MergeSize}, but config.json " +
            $"patches of {vision.PatchSize} merged {vision.MergeSize} x {vision.MergeSize}; the two must agree.");
    }

    /// <summary>The refusal of pictures by a model without eyes.</summary>
    internal static RequestRejectedException TextOnly(string model) => new(
        RequestErrorCodes.InvalidRequest, $"The model {model} reads text only, so the request must not hold pictures.", "messages");

    private static KvCache Allocate(IComputeBackend backend, KvCacheShape shape)
    {
        try
        {
            return backend.AllocateKvCache(shape);
        }
        catch (DeviceMemoryException exception)
        {
            throw new EngineConfigurationException(
                $"The KV cache of {shape.Blocks * (long)KvCache.BlockTokens} tokens needs {(shape.Blocks * KvCache.BlockTokens * shape.BytesPerToken) >> 20} MiB, which " +
                $"{backend.Name} does not have free beside the weights ({exception.Message.TrimEnd('.')}): lower gpu_memory_utilization, set max_kv_tokens, or " +
                "end the other processes that use the device.",
                exception);
        }
    }

    private static void Reserve(Mistral3 model, EngineOptions options, string device)
    {
        try
        {
            model.Decoder.Reserve(options.MaxNumBatchedTokens, options.MaxNumSeqs);
        }
        catch (DeviceMemoryException exception)
        {
            throw new EngineConfigurationException(
                $"The activations of {options.MaxNumBatchedTokens} tokens don't fit beside the weights and the KV cache on {device} ({exception.Message.TrimEnd('.')}): lower " +
                "max_num_batched_tokens or gpu_memory_utilization, or end the other processes that use the device.",
                exception);
        }
    }

    private GenerationJob Prepare(GenerationRequest request, bool streams)
    {
        _encoder.Validate(request.Prompt);
        var pictures = request.Images.Select(Process).ToArray();
        request.Sampling.RequireVocabulary(_model.Config.Text.VocabSize);
        var prompt = _encoder.Encode(request.Prompt, [.. pictures.Select(picture => new ImageGrid(picture.Geometry.TokenColumns, picture.Geometry.TokenRows))]);
        var maxTokens = AnswerRoom.MaxTokens(prompt.Ids.Length, request.Sampling, DefaultSampling.MaxTokens, Model.ContextLength);
        var answers = Enumerable.Range(0, request.Sampling.N).Select(choice =>
        {
            var images = pictures.Zip(prompt.Images, (picture, span) => new PromptImage(picture, _model.Config.Vision!.MergeSize, span.Start));
            var constraint = _grammars.Constrain(request.Format, PromptEncoder.ToolsOf(request.Prompt));
            var state = new SequenceSamplingState(request.Sampling, prompt.Ids, _endTokens, choice, constraint);
            var sequence = new Sequence(prompt.Ids, [.. images], _root)
            {
                Priority = request.Priority,
                Capacity = prompt.Ids.Length + Math.Min(maxTokens, MostReservedTokens),
                ReadsPrompt = choice == 0 && request.Sampling.PromptLogProbs is not null,
            };
            return new Answer(_tokenizer, sequence, state, maxTokens, streams);
        });
        return new GenerationJob([.. answers], _reader, ToolCallSeed(prompt.Ids), streams);
    }

    private PatchedImage Process(ReadOnlyMemory<byte> encoded) => _imageProcessor is null
        ? throw TextOnly(Model.Name)
        : _imageProcessor.Process(encoded);

    /// <summary>Ids of tool calls come from the prompt, so that a request that runs again gives the same answer.</summary>
    private static int ToolCallSeed(ReadOnlySpan<int> ids) => BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(MemoryMarshal.AsBytes(ids)));
}
