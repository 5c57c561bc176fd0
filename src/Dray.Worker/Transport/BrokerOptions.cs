using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace Dray.Worker.Transport;

/// <summary>Which broker to talk to, and how.</summary>
public sealed record BrokerOptions
{
    /// <summary>The broker where nothing names one: <c>amqp://guest:guest@localhost:5672</c>.</summary>
    public const string DefaultUrl = "amqp://guest:guest@localhost:5672";

    private const int AmqpPort = 5672;
    private const int AmqpsPort = 5671;

    private BrokerOptions(Uri uri, string userName, string password)
    {
        (Uri, UserName, Password) = (uri, userName, password);
        VirtualHost = uri.AbsolutePath.Length > 1 ? System.Uri.UnescapeDataString(uri.AbsolutePath[1..]) : "/";
        Port = uri.Port > 0 ? uri.Port : IsTls ? AmqpsPort : AmqpPort;
    }

    /// <summary>Gets the broker's host.</summary>
    public string Host => Uri.Host;

    /// <summary>Gets the broker's port.</summary>
    public int Port { get; }

    /// <summary>Gets the virtual host.</summary>
    public string VirtualHost { get; }

    /// <summary>Gets a value indicating whether the connection is encrypted: <c>amqps://</c>.</summary>
    public bool IsTls => Uri.Scheme == "amqps";

    /// <summary>
    /// Gets the file (PEM) of the certificate authority that signed the broker's certificate. <value>Null by default: those that the system
    /// trusts.</value>
    /// </summary>
    public string? CaFile { get; init; }

    /// <summary>
    /// Gets the file (PEM: certificate and key) that this side identifies itself with. <value>Null by default: with user and
    /// password.</value>
    /// </summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>
    /// Gets how long the broker lets a delivery be unacknowledged before it takes it back. <value>The default value is 30 minutes, as
    /// RabbitMQ's is.</value>
    /// </summary>
    public TimeSpan ConsumerTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets the broker's address without user and password, for messages and logs.</summary>
    public string Display => $"{Uri.Scheme}://{Host}:{Port}{(VirtualHost == "/" ? "" : "/" + VirtualHost)}";

    /// <summary>Gets the whole URL, password included.</summary>
    internal Uri Uri { get; }

    /// <summary>Gets the user's name.</summary>
    internal string UserName { get; }

    /// <summary>Gets the user's password.</summary>
    internal string Password { get; }

    /// <summary>Reads an AMQP URL: <c>amqp://user:password@host:5672/vhost</c>, or <c>amqps://</c> for TLS.</summary>
    /// <exception cref="FormatException">It isn't one; the message doesn't hold the password.</exception>
    public static BrokerOptions Parse(string url)
    {
        if (!System.Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
            throw new FormatException("The broker isn't an AMQP URL; write it as amqp://user:password@host:5672/vhost, or amqps:// for TLS.");
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new FormatException($"The broker's URL for host {uri.Host} has a query or fragment; leave it out, and percent-encode '?' and '#' in a password.");
        var user = uri.UserInfo.Split(':', 2);
        return user[0].Length == 0
            ? new BrokerOptions(uri, "guest", "guest")
            : new BrokerOptions(uri, System.Uri.UnescapeDataString(user[0]), user.Length == 2 ? System.Uri.UnescapeDataString(user[1]) : "");
    }

    /// <summary>The address without secrets.</summary>
    public override string ToString() => Display;

    /// <summary>A factory of connections.</summary>
    /// <param name="name">What the broker's own lists call the connection.</param>
    internal ConnectionFactory CreateFactory(string name) => new()
    {
        HostName = Host,
        Port = Port,
        VirtualHost = VirtualHost,
        UserName = UserName,
        Password = Password,
        ClientProvidedName = name,
        AutomaticRecoveryEnabled = false,
        Ssl = IsTls
            ? new SslOption
            {
                Enabled = true,
                ServerName = Host,
                CertificateValidationCallback = CaFile is null ? null : IsTrusted,
                Certs = ReadClientCertificate() is { } certificate ? [certificate] : null,
            }
            : new SslOption(),
    };

    /// <summary>Reads the certificate that this side identifies itself with, or gives null where there is none.</summary>
    internal X509Certificate2? ReadClientCertificate() =>
        ClientCertificateFile is null ? null : X509Certificate2.CreateFromPemFile(ClientCertificateFile, ClientCertificateFile);

    /// <summary>Whether the broker's certificate is for its host and signed by the authority in <see cref="CaFile"/>.</summary>
    internal bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        using var judged = new X509Chain();
        judged.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        judged.ChainPolicy.CustomTrustStore.ImportFromPemFile(CaFile!);
        judged.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null) judged.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        return judged.Build(new X509Certificate2(certificate));
    }
}
