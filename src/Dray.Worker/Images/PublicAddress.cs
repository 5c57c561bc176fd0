using System.Net;
using System.Net.Sockets;

namespace Dray.Worker.Images;

/// <summary>Which addresses are on the public internet, by IANA's registries of special addresses.</summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] NotPublic =
    [
        // This host, private, shared (CGNAT), loopback, link-local (metadata), private.
        .. Networks("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),

        // Protocol assignments, documentation, 6to4 relays, private, benchmarks, documentation.
        .. Networks("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),

        // Azure's platform address, multicast, reserved and broadcast.
        .. Networks("168.63.129.16/32", "224.0.0.0/4", "240.0.0.0/4"),

        // Protocol assignments with Teredo, documentation, 6to4, documentation.
        .. Networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    ];

    // All that IPv6 has given out: loopback, mapped and translated IPv4, unique-local, link-local and multicast are outside.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Whether an address is on the public internet. One of IPv4 dressed as IPv6 is not: no name server has a reason to give it.</summary>
    public static bool Contains(IPAddress address) =>
        !address.IsIPv4MappedToIPv6
        && (address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address))
        && !Array.Exists(NotPublic, network => network.Contains(address));

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(IPNetwork.Parse)];
}
