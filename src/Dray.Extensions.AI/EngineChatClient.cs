using System.Runtime.CompilerServices;
using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Inference.Ilgpu;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;
using Dray.Worker.Images;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Dray.Extensions.AI;

/// <summary>
/// A chat client over an engine in this process. Calls may overlap: the engine batches them. What options say in
/// <see cref="ChatOptions.AdditionalProperties"/> goes into the chat-completion body as it is, such as <c>min_p</c> or <c>guided_choice</c>.
/// </summary>
public sealed class EngineChatClient : IChatClient, IAsyncDisposable
{
    private readonly IInferenceEngine _engine;
    private readonly ImageResolver _images;
    private readonly TimeProvider _time;
    private readonly ChatClientMetadata _metadata;

    /// <summary>Answers with an engine, which the client owns.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="options">How pictures are found and answers dated; what is about loading isn't looked at.</param>
    public EngineChatClient(IInferenceEngine engine, EngineChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        options ??= new EngineChatClientOptions();
        (_engine, _time) = (engine, options.Time);
        _images = new ImageResolver(options.Images, options.MaxImages, options.MaxImageBytes);
        _metadata = new ChatClientMetadata("dray", providerUri: null, engine.Model.Name);
    }

    /// <summary>Loads a checkpoint and answers with it.</summary>
    /// <param name="folder">Where the checkpoint is: config.json, *.safetensors, tekken.json.</param>
    /// <param name="options">How to load it.</param>
    /// <exception cref="Inference.Checkpoints.CheckpointException">The folder does not hold a checkpoint that Dray can run.</exception>
    /// <exception cref="EngineConfigurationException">The options don't fit the checkpoint or this machine.</exception>
    public static EngineChatClient Load(string folder, EngineChatClientOptions? options = null)
    {
        options ??= new EngineChatClientOptions();
        var logger = (options.Loggers ?? NullLoggerFactory.Instance).CreateLogger<EngineChatClient>();
        var backend = ComputeDevices.Open(options.Device, options.Cpu, logger);
        return new EngineChatClient(InferenceEngine.Load(folder, backend, options.Engine, options.Loggers), options);
    }

    /// <summary>Loads a checkpoint beside other work; see <see cref="Load"/>.</summary>
    public static Task<EngineChatClient> LoadAsync(string folder, EngineChatClientOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Load(folder, options), cancellationToken);

    /// <summary>Answers a conversation.</summary>
    /// <exception cref="ChatRefusedException">Something in the request is wrong.</exception>
    /// <exception cref="NotSupportedException">The request holds something that can't be sent to a model.</exception>
    /// <exception cref="DeviceLostException">The device is lost.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>Answers a conversation piece by piece. To stop reading is to cancel: the request leaves the engine.</summary>
    /// <exception cref="ChatRefusedException">Something in the request is wrong; thrown before the first piece.</exception>
    /// <exception cref="NotSupportedException">The request holds something that can't be sent to a model.</exception>
    /// <exception cref="DeviceLostException">The device is lost.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var body = ChatBody.From(messages, options);
        var request = await ExplainAsync(() => ReadAsync(body, cancellationToken)).ConfigureAwait(false);
        var (id, created) = ($"chatcmpl-{Guid.NewGuid():N}", _time.GetUtcNow());
        var updates = _engine.StreamAsync(request, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var disposable = updates.ConfigureAwait(false);
        while (await ExplainAsync(() => updates.MoveNextAsync().AsTask()).ConfigureAwait(false))
            yield return ChatReply.From(updates.Current, id, _engine.Model.Name, created);
    }

    /// <summary>Gives the client, its engine or its metadata by their types.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(ChatClientMetadata)) return _metadata;
        if (serviceType.IsInstanceOfType(this)) return this;
        return serviceType.IsInstanceOfType(_engine) ? _engine : null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task<GenerationRequest> ReadAsync(JsonElement body, CancellationToken cancellationToken)
    {
        var chat = ChatRequest.Parse(body);
        var sampling = SamplingParams.Parse(body, _engine.DefaultSampling);
        var format = StructuredOutput.Parse(body, chat);
        var images = await _images.ResolveAsync(chat.ImageUrls, cancellationToken).ConfigureAwait(false);
        return new GenerationRequest { Prompt = chat, Images = images, Sampling = sampling, Format = format };
    }

    private static async Task<T> ExplainAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (RequestRejectedException e)
        {
            throw new ChatRefusedException(e.Code, ErrorCodes.StatusCode(e.Code), e.Message, e.Param, e);
        }
    }
}
