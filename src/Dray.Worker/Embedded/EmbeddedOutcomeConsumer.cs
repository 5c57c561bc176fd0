using Dray.Contracts;
using MassTransit;

namespace Dray.Worker.Embedded;

/// <summary>Listens for the end of an embedded batch.</summary>
internal sealed class EmbeddedOutcomeConsumer(EmbeddedOutcome outcome)
    : IConsumer<BatchCompleted>, IConsumer<BatchCancelled>, IConsumer<BatchExpired>, IConsumer<BatchFailed>,
        IConsumer<Fault<SubmitBatch>>, IConsumer<Fault<RunChunk>>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<BatchCompleted> context) => Commit();

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<BatchCancelled> context) => Commit();

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<BatchExpired> context) => Commit();

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<BatchFailed> context)
    {
        outcome.Refuse(context.Message.Batch);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<Fault<SubmitBatch>> context) => Fail(context.Message);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<Fault<RunChunk>> context) => Fail(context.Message);

    private Task Commit()
    {
        outcome.Commit();
        return Task.CompletedTask;
    }

    private Task Fail(Fault fault)
    {
        var reason = fault.Exceptions.Length > 0 ? fault.Exceptions[0].Message : "a message could not be handled";
        outcome.Fail(reason.EndsWith('.') ? reason : reason + ".");
        return Task.CompletedTask;
    }
}
