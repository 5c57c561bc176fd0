using System.Net.Sockets;
using Dray.Inference;
using MassTransit;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Timeout;
using RabbitMQ.Client.Exceptions;

namespace Dray.Worker.Transport;

/// <summary>
/// What becomes of a delivery whose handling failed. Where the fault isn't the message's (the worker is stopping, the store or the broker
/// is out of reach) it goes back to its queue, after a wait that grows with each delivery, and where the engine has lost its device as soon
/// as the worker stops; anything else goes on to the error queue.
/// </summary>
internal sealed class RedeliveryFilter(TimeProvider time, ILogger logger, CancellationToken stopping) : IFilter<ExceptionReceiveContext>
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        var failure = context.Exception;
        if (IsGivenUp(failure) && stopping.IsCancellationRequested) throw Redeliver(failure);
        if (failure is DeviceLostException)
        {
            // The worker is about to stop. Until then the message stays here: at once it would only come back to this one.
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw Redeliver(failure);
        }

        if (!IsGivenUp(failure) && !IsTransient(failure))
        {
            logger.LogError(failure, "A message of {Queue} can't be handled and goes to its error queue.", context.InputAddress.AbsolutePath);

            // What can't even be read isn't noted as failed by anyone else, and would count as skipped besides.
            if (!context.IsFaulted) await context.NotifyFaulted(failure);
            await next.Send(context);
            return;
        }

        var wait = WaitBefore(DeliveryCount.Of(context));
        logger.LogWarning(failure, "A message of {Queue} goes back to it in {Wait}: {Reason}", context.InputAddress.AbsolutePath, wait, failure.Message);
        await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw Redeliver(failure);
    }

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateFilterScope("redelivery");

    /// <summary>Whether a failure may be gone at the next attempt, whatever the message says.</summary>
    public static bool IsTransient(Exception failure) => failure is
        IOException and not FileNotFoundException and not DirectoryNotFoundException or TimeoutException or SocketException
        or ExecutionRejectedException or RabbitMQClientException or ConnectionException or TransportException or OutOfMemoryException;

    /// <summary>Whether handling was given up, which says nothing of the message. MassTransit has a word of its own for it.</summary>
    public static bool IsGivenUp(Exception failure) => failure is OperationCanceledException or ConsumerCanceledException or ObjectDisposedException;

    /// <summary>How long to wait before delivery number <paramref name="deliveries"/> + 1.</summary>
    public static TimeSpan WaitBefore(long deliveries) =>
        deliveries >= 6 ? LongestWait : TimeSpan.FromTicks(Math.Min(ShortestWait.Ticks << (int)deliveries, LongestWait.Ticks));

    private static OperationCanceledException Redeliver(Exception failure) => new OperationCanceledException("The message goes back to its queue.", failure);
}
