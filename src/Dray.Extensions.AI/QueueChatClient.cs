using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Transport;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Dray.Extensions.AI;

/// <summary>
/// A chat client over the workers of a broker: each call is a job, and its answer stays in the store. To stop waiting doesn't stop the
/// job. With a <see cref="ChatOptions.ConversationId"/>, the same request again is the same job: it isn't computed twice, by whichever
/// process it is asked. Without one, each call is a job of its own.
/// </summary>
public sealed class QueueChatClient : IChatClient, IAsyncDisposable
{
    private readonly JobClient _jobs;
    private readonly QueueChatClientOptions _options;
    private readonly ChatClientMetadata _metadata;

    /// <summary>Asks through a client of jobs, which this one owns.</summary>
    public QueueChatClient(JobClient jobs, QueueChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        (_jobs, _options) = (jobs, options ?? new QueueChatClientOptions());
        _metadata = new ChatClientMetadata("dray", jobs.Broker);
    }

    /// <summary>Asks the workers of a broker. Broker and store are connected to by the first call.</summary>
    /// <param name="broker">The broker's AMQP URL: <c>amqp://user:password@host:5672/vhost</c>.</param>
    /// <param name="store">The store: a folder, an Azure container URL, or an Azure connection string.</param>
    /// <param name="options">How to ask.</param>
    /// <exception cref="FormatException"><paramref name="broker"/> isn't an AMQP URL.</exception>
    /// <exception cref="ArgumentException"><paramref name="store"/> isn't the name of a store.</exception>
    public QueueChatClient(string broker, string store, QueueChatClientOptions? options = null)
        : this(new JobClient(BlobStoreLocation.Parse(store), BrokerOptions.Parse(broker)), options)
    {
    }

    /// <summary>Has a conversation answered.</summary>
    /// <exception cref="ChatRefusedException">Something in the request is wrong, or the engine failed on it.</exception>
    /// <exception cref="NotSupportedException">The request holds something that can't be sent to a model.</exception>
    /// <exception cref="BatchClientException">Broker or store are out of reach.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var body = ChatBody.From(messages, options);
        var job = new RunJob { JobId = IdOf(options?.ConversationId, body), Body = body, Priority = _options.Priority };
        var row = await _jobs.RunAsync(job, cancellationToken).ConfigureAwait(false);
        if (row.IsSuccess) return ChatReply.From(row.Response!.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!);
        var error = row.Response!.Body.Deserialize<ErrorResponse>(ContractsJson.Options)!.Error;
        throw new ChatRefusedException(error.Code, row.Response.StatusCode, error.Message, error.Param);
    }

    /// <summary>Has a conversation answered, in one piece: a queue has no half answers. See <see cref="GetResponseAsync"/>.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (var update in response.ToChatResponseUpdates()) yield return update;
    }

    /// <summary>Gives the client, its client of jobs or its metadata by their types.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(ChatClientMetadata)) return _metadata;
        if (serviceType.IsInstanceOfType(this)) return this;
        return serviceType == typeof(JobClient) ? _jobs : null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _jobs.DisposeAsync();

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static string IdOf(string? conversation, JsonElement body)
    {
        if (conversation is null) return $"chat-{Guid.NewGuid():N}";
        var digest = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new object[] { conversation, body }));
        return $"chat-{Convert.ToHexStringLower(digest)}";
    }
}
