using Dray.Contracts;
using Dray.Worker.Client;

namespace Dray.Worker.Tests.Client;

/// <summary>Keeps what a client sends, and hands it on where told to.</summary>
internal sealed class RecordingSender : IMessageSender
{
    public List<object> Messages { get; } = [];

    public Func<object, Task> Forward { get; set; } = _ => Task.CompletedTask;

    public Task SendAsync<T>(T message, JobPriority priority, CancellationToken cancellationToken)
        where T : class
    {
        Messages.Add(message);
        return Forward(message);
    }
}
