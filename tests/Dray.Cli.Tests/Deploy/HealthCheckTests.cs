using System.Net;
using System.Net.Sockets;
using System.Text;
using Dray.Tests.Services;

namespace Dray.Cli.Tests.Deploy;

public sealed class HealthCheckTests
{
    private static readonly string Script = Path.Combine(SharedFolder.Repository, "deploy", "healthcheck.sh");

    [Theory]
    [InlineData("HTTP/1.1 200 OK", 0)]
    [InlineData("HTTP/1.1 503 Service Unavailable", 1)]
    [InlineData("200", 1)]
    public async Task Script_ByTheAnswer_SaysWhetherTheWorkerIsWell(string status, int expected)
    {
        var token = TestContext.Current.CancellationToken;
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var run = ProgramRun.OfAsync("bash", [Script, $"{((IPEndPoint)listener.LocalEndpoint).Port}", "/health/ready"], token);
        using var client = await listener.AcceptTcpClientAsync(token);
        var stream = client.GetStream();
        using var reader = new StreamReader(stream, leaveOpen: true);
        var request = await reader.ReadLineAsync(token);
        while (await reader.ReadLineAsync(token) is { Length: > 0 })
        {
            // Closing with a part of the request unread would reset the connection, and the answer be lost.
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), token);
        client.Close();

        (await run).ExitCode.ShouldBe(expected);
        request.ShouldBe("GET /health/ready HTTP/1.1");
    }

    [Fact]
    public async Task Script_NobodyListens_SaysNo() =>
        (await ProgramRun.OfAsync("bash", [Script, $"{FreePort.Next()}", "/health/ready"], TestContext.Current.CancellationToken)).ExitCode.ShouldNotBe(0);
}
