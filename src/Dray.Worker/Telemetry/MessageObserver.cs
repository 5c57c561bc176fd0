using System.Diagnostics;
using Dray.Contracts;
using MassTransit;

namespace Dray.Worker.Telemetry;

/// <summary>Measures messages as they come and go, so that no consumer has to.</summary>
internal sealed class MessageObserver(TimeProvider time) : IConsumeObserver, IPublishObserver
{
    /// <inheritdoc/>
    public Task PreConsume<T>(ConsumeContext<T> context)
        where T : class
    {
        if (context.Message is SubmitBatch) SubmissionLink.Mark();
        var tags = Tags(TypeOf<T>(), "process");
        DrayTelemetry.Consumed.Add(1, tags);
        if (context.ReceiveContext.Redelivered) DrayTelemetry.Redelivered.Add(1, tags);

        // Clocks of two machines differ: a message from the future waited for no time.
        if (context.SentTime is { } sent)
            DrayTelemetry.QueueLag.Record(Math.Max(0, (time.GetUtcNow().UtcDateTime - sent.ToUniversalTime()).TotalSeconds), tags);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task PostConsume<T>(ConsumeContext<T> context)
        where T : class
    {
        DrayTelemetry.ProcessDuration.Record(context.ReceiveContext.ElapsedTime.TotalSeconds, Tags(TypeOf<T>(), "process"));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
        where T : class
    {
        DrayTelemetry.ProcessDuration.Record(context.ReceiveContext.ElapsedTime.TotalSeconds, Tags(TypeOf<T>(), "process", exception));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task PrePublish<T>(PublishContext<T> context)
        where T : class => Task.CompletedTask;

    /// <inheritdoc/>
    public Task PostPublish<T>(PublishContext<T> context)
        where T : class
    {
        DrayTelemetry.Sent.Add(1, Tags(TypeOf<T>(), "send"));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class
    {
        DrayTelemetry.Sent.Add(1, Tags(TypeOf<T>(), "send", exception));
        return Task.CompletedTask;
    }

    // Faults are one type per message type, and named after both.
    private static string TypeOf<T>() => typeof(T).IsGenericType ? $"Fault<{typeof(T).GetGenericArguments()[0].Name}>" : typeof(T).Name;

    private static TagList Tags(string type, string operation, Exception? exception = null)
    {
        var tags = new TagList
        {
            { DrayTelemetry.MessagingSystem, "rabbitmq" },
            { DrayTelemetry.MessagingOperation, operation },
            { DrayTelemetry.Destination, type },
        };
        if (exception is not null) tags.Add(DrayTelemetry.ErrorType, exception.GetType().FullName);
        return tags;
    }
}
