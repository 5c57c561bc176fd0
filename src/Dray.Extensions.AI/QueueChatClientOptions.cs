using Dray.Contracts;

namespace Dray.Extensions.AI;

/// <summary>How <see cref="QueueChatClient"/> asks.</summary>
public sealed record QueueChatClientOptions
{
    /// <summary>Gets whose requests go first. <value>The default value is <c>normal</c>.</value></summary>
    public JobPriority Priority { get; init; }
}
