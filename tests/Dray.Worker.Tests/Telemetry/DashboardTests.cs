using System.Text.Json;
using System.Text.RegularExpressions;
using Dray.Inference;
using Dray.Tests.Services;
using Dray.Worker.Telemetry;
using Dray.Worker.Tests.Support;
using Dray.Worker.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RabbitMQ.Client;
using YamlDotNet.RepresentationModel;

namespace Dray.Worker.Tests.Telemetry;

/// <summary>What deploy/ asks Prometheus for is what workers and brokers offer.</summary>
[Collection(WebWorkerGroup.Name)]
public sealed class DashboardTests
{
    private const string BrokerPrefix = "rabbitmq_";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void MetricsOf_Expression_LeavesOutLabelsFunctionsAndRanges() => PromQuery
        .MetricsOf("histogram_quantile(0.95, sum by (le, gen_ai_token_type) (rate(a_b_bucket{x_y=~\"c_d\"}[$__rate_interval]))) > on (e_f) max(g_h)")
        .ShouldBe(["a_b_bucket", "g_h"]);

    [Fact]
    public async Task DashboardAndAlerts_OfTheWorker_AskForMetricsThatThereAre()
    {
        await using var worker = await WebWorker.StartAsync(Token);
        worker.Engine.Statistics = new EngineStatistics { KvBlocks = 8, MeanPrefillFill = 0.5 };
        await worker.RunBatchAsync("b1", JobLines.Lines(3), Token);
        DrayTelemetry.Redelivered.Add(0);
        foreach (var publisher in worker.Services.GetServices<IHealthCheckPublisher>())
            await publisher.PublishAsync(await worker.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token), Token);

        var offered = PromQuery.MetricsIn(await worker.Client.GetStringAsync("/metrics", Token));

        var asked = Expressions().SelectMany(PromQuery.MetricsOf).Where(name => !name.StartsWith(BrokerPrefix, StringComparison.Ordinal)).Distinct().ToArray();
        asked.Length.ShouldBeGreaterThan(20);
        asked.Where(name => !offered.Contains(name)).ShouldBeEmpty();
    }

    [Fact]
    public async Task DashboardAndAlerts_OfTheBroker_AskForMetricsThatThereAre()
    {
        Assert.SkipUnless(RabbitMqNode.IsInstalled || Environment.GetEnvironmentVariable("DRAY_TEST_REQUIRE_SERVICES") == "1", "skipped: no broker");
        var port = FreePort.Next();
        await using var broker = await RabbitMqNode.StartAsync(
            $"prometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = {port}", plugins: ["rabbitmq_prometheus"], cancellationToken: Token);
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await BrokerTopology.DeclareAsync(channel, TimeSpan.FromMinutes(30), Token);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        var asked = Expressions().SelectMany(PromQuery.MetricsOf).Where(name => name.StartsWith(BrokerPrefix, StringComparison.Ordinal)).Distinct().ToArray();
        asked.Length.ShouldBeGreaterThan(2);

        // The broker counts its queues every few seconds only, so a first look may come too early.
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var offered = await ScrapeAsync(client);
        for (var look = 0; look < 60 && asked.Any(name => !offered.Contains(name)); look++)
        {
            await looks.WaitForNextTickAsync(Token);
            offered = await ScrapeAsync(client);
        }

        asked.Where(name => !offered.Contains(name)).ShouldBeEmpty();
    }

    [Fact]
    public void Alerts_FailedMessages_AreThoseOfEveryFailureQueueAndNoOther()
    {
        var expression = AlertExpressions().Single(text => text.Contains("_skipped", StringComparison.Ordinal));
        var pattern = new Regex($"^(?:{Regex.Match(expression, "queue=~\"(.*?)\"").Groups[1].Value})$");

        QueueNames.Failure.Where(queue => !pattern.IsMatch(queue)).ShouldBeEmpty();
        QueueNames.Work.Where(queue => pattern.IsMatch(queue)).ShouldBeEmpty();
    }

    [Fact]
    public void Prometheus_ScrapesTheWorkersPathAndReadsTheAlerts()
    {
        var jobs = Jobs().ToDictionary(job => job["job_name"].ToString());

        jobs["dray-worker"]["metrics_path"].ToString().ShouldBe(TelemetryServices.MetricsPath);
        Yaml("deploy", "prometheus", "prometheus.yml")["rule_files"][0].ToString().ShouldBe("alerts.yml");
        AlertExpressions().Count().ShouldBeGreaterThan(4);
    }

    [Fact]
    public void Dashboard_Panels_UseTheProvisionedDataSourceAndHaveIdsOfTheirOwn()
    {
        var uid = Yaml("deploy", "grafana", "provisioning", "datasources", "prometheus.yaml")["datasources"][0]["uid"].ToString();
        var panels = Panels();

        panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count().ShouldBe(panels.Length);
        panels.Where(panel => panel.TryGetProperty("datasource", out _))
            .ShouldAllBe(panel => panel.GetProperty("datasource").GetProperty("uid").GetString() == uid);
        Yaml("deploy", "grafana", "provisioning", "dashboards", "dray.yaml")["providers"][0]["options"]["path"].ToString()
            .ShouldBe("/var/lib/grafana/dashboards");
    }

    private static async Task<HashSet<string>> ScrapeAsync(HttpClient broker)
    {
        var offered = new HashSet<string>();
        foreach (var job in Jobs().Where(job => job["job_name"].ToString().StartsWith("rabbitmq", StringComparison.Ordinal)))
        {
            var families = job.Children.TryGetValue("params", out var parameters) ? (YamlSequenceNode)parameters["family"] : [];
            var query = string.Join('&', families.Select(family => $"family={family}"));
            var path = job.Children.TryGetValue("metrics_path", out var own) ? own.ToString() : "/metrics";
            offered.UnionWith(PromQuery.MetricsIn(await broker.GetStringAsync($"{path}?{query}", Token)));
        }

        return offered;
    }

    private static IEnumerable<string> Expressions() => Panels()
        .Where(panel => panel.TryGetProperty("targets", out _))
        .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
        .Select(target => target.GetProperty("expr").GetString()!)
        .Concat(AlertExpressions());

    private static JsonElement[] Panels()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedFolder.Repository, "deploy", "grafana", "dray.json")));
        return [.. dashboard.RootElement.Clone().GetProperty("panels").EnumerateArray()];
    }

    private static IEnumerable<string> AlertExpressions() => ((YamlSequenceNode)Yaml("deploy", "prometheus", "alerts.yml")["groups"])
        .SelectMany(group => (YamlSequenceNode)group["rules"]).Select(rule => rule["expr"].ToString());

    private static IEnumerable<YamlMappingNode> Jobs() =>
        ((YamlSequenceNode)Yaml("deploy", "prometheus", "prometheus.yml")["scrape_configs"]).Cast<YamlMappingNode>();

    private static YamlNode Yaml(params string[] path)
    {
        using var reader = File.OpenText(Path.Combine([SharedFolder.Repository, .. path]));
        var stream = new YamlStream();
        stream.Load(reader);
        return stream.Documents[0].RootNode;
    }
}
