using System.Globalization;
using MassTransit;

namespace Dray.Worker.Transport;

/// <summary>How often a message was delivered before, as the broker counts for quorum queues.</summary>
internal static class DeliveryCount
{
    private const string Header = "x-delivery-count";

    /// <summary>Earlier deliveries of the message being handled; 0 where the transport doesn't count.</summary>
    public static long Of(ReceiveContext context) =>
        context.TransportHeaders.TryGetHeader(Header, out var value) && value is IConvertible
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
            : 0;
}
