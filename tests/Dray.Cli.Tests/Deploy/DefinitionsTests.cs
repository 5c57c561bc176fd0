using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dray.Tests.Services;
using Dray.Worker;
using Dray.Worker.Transport;
using NSubstitute;
using RabbitMQ.Client;

namespace Dray.Cli.Tests.Deploy;

public sealed class DefinitionsTests
{
    private static readonly string[] Parts = ["exchanges", "queues", "bindings"];

    private static readonly TimeSpan ConsumerTimeout = BrokerOptions.Parse(BrokerOptions.DefaultUrl).ConsumerTimeout;

    [Fact]
    public async Task Definitions_ExchangesQueuesAndBindings_AreThoseThatWorkersDeclare()
    {
        var channel = Substitute.For<IChannel>();
        await BrokerTopology.DeclareAsync(channel, ConsumerTimeout, TestContext.Current.CancellationToken);
        var declared = channel.ReceivedCalls().Select(call => (call.GetMethodInfo().Name, Arguments: call.GetMethodInfo().GetParameters()
            .Select(parameter => parameter.Name!).Zip(call.GetArguments()).ToDictionary(pair => pair.First, pair => pair.Second))).ToArray();

        string[] Declared(string method, Func<Dictionary<string, object?>, string> line) =>
            [.. declared.Where(call => call.Name == method).Select(call => line(call.Arguments)).Distinct().Order(StringComparer.Ordinal)];

        Defined("exchanges", item => $"{item["name"]} {item["type"]} {item["durable"]} {item["auto_delete"]}")
            .ShouldBe(Declared("ExchangeDeclareAsync", arguments => $"{arguments["exchange"]} {arguments["type"]} {Text(arguments["durable"])} {Text(arguments["autoDelete"])}"));
        Defined("queues", item => $"{item["name"]} {item["durable"]} {item["auto_delete"]} {Sorted(item["arguments"]!)}")
            .ShouldBe(Declared("QueueDeclareAsync", arguments => $"{arguments["queue"]} {Text(arguments["durable"])} {Text(arguments["autoDelete"])} {Sorted(JsonSerializer.SerializeToNode(arguments["arguments"])!)}"));
        Defined("bindings", item => $"{item["destination_type"]} {item["source"]} {item["destination"]} '{item["routing_key"]}'").ShouldBe(
            [
                .. Declared("ExchangeBindAsync", arguments => $"exchange {arguments["source"]} {arguments["destination"]} '{arguments["routingKey"]}'"),
                .. Declared("QueueBindAsync", arguments => $"queue {arguments["exchange"]} {arguments["queue"]} '{arguments["routingKey"]}'"),
            ],
            ignoreOrder: true);
    }

    [Fact]
    public void Definitions_Text_HoldsNoUserAndNoPassword() =>
        BrokerConfiguration.Definitions.AsObject().Select(part => part.Key).ShouldBe(["vhosts", "policies", "exchanges", "queues", "bindings"]);

    [Fact]
    public void Policy_ForFailures_CoversJustTheQueuesForThem()
    {
        var pattern = BrokerConfiguration.Definitions["policies"]!.AsArray().ShouldHaveSingleItem()!["pattern"]!.GetValue<string>();

        QueueNames.Failure.ShouldAllBe(queue => System.Text.RegularExpressions.Regex.IsMatch(queue, pattern));
        QueueNames.Work.ShouldAllBe(queue => !System.Text.RegularExpressions.Regex.IsMatch(queue, pattern));
    }

    [Fact]
    public void BrokerConfiguration_Limits_FitTheWorkers()
    {
        var settings = BrokerConfiguration.Read();

        long.Parse(settings["consumer_timeout"], null).ShouldBe((long)ConsumerTimeout.TotalMilliseconds);
        long.Parse(settings["max_message_size"], null).ShouldBeGreaterThanOrEqualTo(new WorkerOptions().MaxLineBytes);
    }

    [Fact]
    public async Task Definitions_ImportedByABroker_AreWhatWorkersDeclareThere()
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        var token = TestContext.Current.CancellationToken;
        await using var node = await RabbitMqNode.StartAsync(management: true, cancellationToken: token);
        using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{node.ManagementPort}/api/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("guest:guest")));
        using var content = new StringContent(await File.ReadAllTextAsync(BrokerConfiguration.DefinitionsPath, token), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("definitions", UriKind.Relative), content, token);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync(token));
        var imported = await ExportAsync(http, token);

        // Declaring a queue that is there with other arguments would be refused.
        await using (await BrokerClient.ConnectAsync(BrokerOptions.Parse(node.Uri.OriginalString), token))
        {
            (await ExportAsync(http, token)).ShouldBe(imported);
        }
    }

    private static async Task<string[]> ExportAsync(HttpClient http, CancellationToken token)
    {
        var definitions = JsonNode.Parse(await http.GetStringAsync(new Uri("definitions", UriKind.Relative), token))!;
        return
        [
            .. Parts.SelectMany(part => definitions[part]!.AsArray().Select(item => $"{part} {Sorted(item!)}"))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string[] Defined(string part, Func<JsonNode, string> line) =>
        [.. BrokerConfiguration.Definitions[part]!.AsArray().Select(item => line(item!)).Order(StringComparer.Ordinal)];

    private static string Text(object? flag) => JsonSerializer.Serialize(flag);

    private static string Sorted(JsonNode node) => node is JsonObject value
        ? $"{{{string.Join(',', value.OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => $"{property.Key}:{Sorted(property.Value!)}"))}}}"
        : node.ToJsonString();
}
