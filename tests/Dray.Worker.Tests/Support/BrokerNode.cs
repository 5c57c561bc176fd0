using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dray.Tests.Services;
using Dray.Worker.Transport;

namespace Dray.Worker.Tests.Support;

/// <summary>A broker that all tests of this process share, each with a virtual host of its own; skips where RabbitMQ isn't installed.</summary>
internal static class BrokerNode
{
    private static readonly Lazy<Task<RabbitMqNode>> Common = new(StartAsync);

    /// <summary>A virtual host that nobody else uses.</summary>
    public static async Task<BrokerOptions> NewHostAsync(CancellationToken cancellationToken)
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        var node = await Common.Value.WaitAsync(cancellationToken);
        var name = $"test-{Guid.NewGuid():N}";
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{node.ManagementPort}/api/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("guest:guest"u8));
        await PutAsync(client, $"vhosts/{name}", "{}", cancellationToken);
        await PutAsync(client, $"permissions/{name}/guest", """{"configure":".*","write":".*","read":".*"}""", cancellationToken);
        return BrokerOptions.Parse($"{node.Uri.OriginalString}/{name}");
    }

    private static async Task PutAsync(HttpClient client, string path, string json, CancellationToken cancellationToken)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await client.PutAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Created, HttpStatusCode.NoContent);
    }

    private static async Task<RabbitMqNode> StartAsync()
    {
        var node = await RabbitMqNode.StartAsync(management: true);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => node.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return node;
    }
}
