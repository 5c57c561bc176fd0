using Dray.Contracts;

namespace Dray.Worker.Client;

/// <summary>What a client needs of a broker.</summary>
internal interface IMessageSender
{
    /// <summary>Sends a message as plain JSON; when this returns the broker has it.</summary>
    Task SendAsync<T>(T message, JobPriority priority, CancellationToken cancellationToken)
        where T : class;
}
