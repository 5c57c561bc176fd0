using System.Threading.Channels;
using Dray.Contracts;
using MassTransit;

namespace Dray.Worker.Tests.Support;

/// <summary>Keeps the events of a worker, for tests to wait for.</summary>
internal sealed class EventRecorder
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Channel<(object Message, Guid? Id)> _events = Channel.CreateUnbounded<(object, Guid?)>();

    /// <summary>Waits for the next event of a type; others are dropped.</summary>
    public async Task<(T Message, Guid? Id)> NextAsync<T>(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (message, id) = await _events.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
            if (message is T wanted) return (wanted, id);
        }
    }

    internal sealed class Listener(EventRecorder recorder)
        : IConsumer<BatchCompleted>, IConsumer<BatchCancelled>, IConsumer<BatchExpired>, IConsumer<BatchFailed>, IConsumer<BatchProgress>,
            IConsumer<BatchIncomplete>, IConsumer<JobCompleted>, IConsumer<JobFailed>
    {
        public Task Consume(ConsumeContext<BatchCompleted> context) => Keep(context);

        public Task Consume(ConsumeContext<BatchCancelled> context) => Keep(context);

        public Task Consume(ConsumeContext<BatchExpired> context) => Keep(context);

        public Task Consume(ConsumeContext<BatchFailed> context) => Keep(context);

        public Task Consume(ConsumeContext<BatchProgress> context) => Keep(context);

        public Task Consume(ConsumeContext<BatchIncomplete> context) => Keep(context);

        public Task Consume(ConsumeContext<JobCompleted> context) => Keep(context);

        public Task Consume(ConsumeContext<JobFailed> context) => Keep(context);

        private async Task Keep<T>(ConsumeContext<T> context)
            where T : class => await recorder._events.Writer.WriteAsync((context.Message, context.MessageId));
    }
}
