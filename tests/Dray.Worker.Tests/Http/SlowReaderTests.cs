using System.Net.Sockets;
using System.Text;
using Dray.Inference;
using Dray.Worker.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Tests.Http;

[Collection(WebWorkerGroup.Name)]
public sealed class SlowReaderTests
{
    [Fact]
    public async Task Stream_ReaderThatStopsReading_IsCutOffAndItsSequenceLeaves()
    {
        var token = TestContext.Current.CancellationToken;
        var engine = new EndlessEngine();
        await using var worker = await HttpWorker.StartAsync(configure: services => services
            .AddSingleton<IInferenceEngine>(engine)
            .Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1e9, gracePeriod: TimeSpan.FromSeconds(1.5))));
        var body = HttpWorker.Chat("hi", "\"stream\":true");
        using var client = new TcpClient();
        await client.ConnectAsync(worker.Client.BaseAddress!.Host, worker.Client.BaseAddress.Port, token);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"), token);

        await engine.Left.WaitAsync(token);
    }
}
