using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dray.Tests.Services;
using Dray.Worker.Transport;

namespace Dray.Worker.Tests.Transport;

/// <summary>A broker that is spoken to over TLS, with certificates of an authority that the test makes.</summary>
public sealed class BrokerTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ConnectAsync_Tls_TrustsTheGivenAuthorityAndHostOnly()
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        using var authority = Authority("right");
        using var other = Authority("wrong");
        using var server = ServerCertificate(authority, "localhost");
        var ca = _folder.Write("ca.pem", authority.ExportCertificatePem());
        var wrong = _folder.Write("wrong.pem", other.ExportCertificatePem());
        var certificate = _folder.Write("server.pem", server.ExportCertificatePem());
        var key = _folder.Write("key.pem", server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var port = FreePort.Next();
        await using var node = await RabbitMqNode.StartAsync(
            $"listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {ca}\nssl_options.certfile = {certificate}\nssl_options.keyfile = {key}",
            cancellationToken: Token);

        await (await BrokerClient.ConnectAsync(BrokerOptions.Parse($"amqps://localhost:{port}") with { CaFile = ca }, Token)).DisposeAsync();
        foreach (var refused in new[]
        {
            BrokerOptions.Parse($"amqps://localhost:{port}") with { CaFile = wrong },
            BrokerOptions.Parse($"amqps://127.0.0.1:{port}") with { CaFile = ca },
            BrokerOptions.Parse($"amqps://localhost:{port}"),
        })
        {
            (await Should.ThrowAsync<BrokerException>(() => BrokerClient.ConnectAsync(refused, Token))).Message.ShouldContain($":{port}");
        }
    }

    [Theory]
    [InlineData(SslPolicyErrors.None, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, false)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors, false)]
    [InlineData(SslPolicyErrors.RemoteCertificateNotAvailable, false)]
    public void IsTrusted_SignedByTheAuthority_DependsOnTheHost(SslPolicyErrors errors, bool expected)
    {
        using var authority = Authority("right");
        using var server = ServerCertificate(authority, "localhost");
        var options = BrokerOptions.Parse("amqps://localhost") with { CaFile = _folder.Write("ca.pem", authority.ExportCertificatePem()) };

        options.IsTrusted(this, server, null, errors).ShouldBe(expected);
    }

    [Fact]
    public void IsTrusted_SignedByAnother_IsNot()
    {
        using var authority = Authority("right");
        using var other = Authority("wrong");
        using var server = ServerCertificate(other, "localhost");
        var options = BrokerOptions.Parse("amqps://localhost") with { CaFile = _folder.Write("ca.pem", authority.ExportCertificatePem()) };

        options.IsTrusted(this, server, null, SslPolicyErrors.RemoteCertificateChainErrors).ShouldBeFalse();
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 ServerCertificate(X509Certificate2 authority, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3]);
        return certificate.CopyWithPrivateKey(key);
    }
}
