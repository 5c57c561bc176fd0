using Dray.Inference.Checkpoints;
using Dray.Inference.Models;
using Dray.Inference.Sampling;
using Dray.Inference.Sampling.Grammar;
using Dray.Inference.Tokenization;
using Dray.Inference.Vision;

namespace Dray.Inference;

/// <summary>
/// An engine without weights: it refuses what the engine would refuse, and answers the rest with nothing but counts, the prompt's tokens
/// and the most that would be generated. Of pictures it reads the header only.
/// </summary>
public sealed class PreflightEngine : IInferenceEngine
{
    private readonly PromptEncoder _encoder;
    private readonly ImageProcessor? _images;
    private readonly GrammarCache _grammars;
    private readonly int _vocabulary;

    private PreflightEngine(string folder, ModelConfig config, TekkenTokenizer tokenizer, EngineOptions options)
    {
        _encoder = new PromptEncoder(tokenizer);
        _vocabulary = config.Text.VocabSize;
        int[] endTokens = config.Generation.EosTokenIds is { Count: > 0 } ids ? [.. ids] : [tokenizer.Eos];
        _grammars = new GrammarCache(tokenizer, endTokens);
        if (config.Vision is { } vision) _images = new ImageProcessor(InferenceEngine.SpecOf(vision, tokenizer, folder), options.Images);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        Model = new ModelIdentity(name, "", "none", Math.Min(options.MaxModelLen ?? int.MaxValue, config.Text.ContextLength));
        DefaultSampling = options.GenerationOverrides.Over(options.UseGenerationConfig ? config.Generation : new GenerationConfig());
    }

    /// <inheritdoc/>
    public ModelIdentity Model { get; }

    /// <inheritdoc/>
    public SamplingParams DefaultSampling { get; }

    /// <inheritdoc/>
    public EngineStatistics Statistics => default;

    /// <summary>Reads what of a checkpoint folder isn't weights.</summary>
    /// <exception cref="CheckpointException">The folder does not hold a checkpoint that Dray can run.</exception>
    /// <exception cref="TokenizerException">tekken.json is missing or broken.</exception>
    /// <exception cref="EngineConfigurationException">An option is out of range.</exception>
    public static PreflightEngine Load(string folder, EngineOptions options)
    {
        options.Validate();
        var config = ModelConfig.Load(folder);
        return new PreflightEngine(folder, config, CheckpointTokenizer.Load(folder, config), options);
    }

    /// <inheritdoc/>
    public Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default) =>
        Task.Run(() => Judge(request), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private GenerationResult Judge(GenerationRequest request)
    {
        _encoder.Validate(request.Prompt);
        var grids = request.Images.Select(GridOf).ToArray();
        request.Sampling.RequireVocabulary(_vocabulary);
        var prompt = _encoder.Encode(request.Prompt, grids).Ids.Length;
        var maxTokens = AnswerRoom.MaxTokens(prompt, request.Sampling, DefaultSampling.MaxTokens, Model.ContextLength);
        _grammars.Constrain(request.Format, PromptEncoder.ToolsOf(request.Prompt));
        return new GenerationResult([new GenerationChoice("", [], FinishReason.Length)], prompt, maxTokens * request.Sampling.N);
    }

    private ImageGrid GridOf(ReadOnlyMemory<byte> encoded)
    {
        if (_images is null) throw InferenceEngine.TextOnly(Model.Name);
        var geometry = _images.Probe(encoded).Geometry;
        return new ImageGrid(geometry.TokenColumns, geometry.TokenRows);
    }
}
