using System.Security.Cryptography;
using System.Text;

namespace Dray.Worker.Events;

/// <summary>
/// Ids of events, derived from what they tell: the same event has the same id however often, and by whom, it is published.
/// </summary>
internal static class EventIds
{
    /// <summary>
    /// The id of an event of type <paramref name="kind"/> about the batch or job <paramref name="id"/> with the outcome <paramref
    /// name="digest"/>.
    /// </summary>
    public static Guid Derive(string kind, string id, string digest)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{id}\n{digest}")).AsSpan(0, 16);

        // RFC 9562: version 8, an id of the application's own making.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
