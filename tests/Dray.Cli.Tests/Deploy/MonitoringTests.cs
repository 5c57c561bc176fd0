using System.Text.Json.Nodes;
using Dray.Tests.Deploy;

namespace Dray.Cli.Tests.Deploy;

public sealed class MonitoringTests
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    public static TheoryData<string> Files =>
    [
        .. Directory.EnumerateFiles(Path.Combine(SharedFolder.Repository, "deploy"), "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file))).Select(file => Path.GetRelativePath(SharedFolder.Repository, file)),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void File_Each_Parses(string file)
    {
        if (Path.GetExtension(file) == ".json") JsonNode.Parse(File.ReadAllText(Path.Combine(SharedFolder.Repository, file))).ShouldNotBeNull();
        else YamlJson.ReadAll(file).ShouldNotBeEmpty();
    }

    [Fact]
    public void Prometheus_Targets_AreServicesOnTheirPorts()
    {
        var jobs = YamlJson.Read("deploy", "prometheus", "prometheus.yml")["scrape_configs"]!.AsArray();
        var workers = jobs.Single(job => job!["dns_sd_configs"] is not null)!["dns_sd_configs"]![0]!;
        var brokerPort = BrokerConfiguration.Read()["prometheus.tcp.port"];

        workers["names"]!.AsArray().Select(name => name!.GetValue<string>()).ShouldBe(["worker"]);
        workers["port"]!.GetValue<int>().ShouldBe(DeploySettings.Port);
        jobs.Where(job => job!["static_configs"] is not null).SelectMany(job => job!["static_configs"]![0]!["targets"]!.AsArray())
            .ShouldAllBe(target => target!.GetValue<string>() == $"rabbitmq:{brokerPort}");
    }

    [Fact]
    public void Grafana_Sources_AreWhereComposePutsThem()
    {
        var dashboards = YamlJson.Read("deploy", "grafana", "provisioning", "dashboards", "dray.yaml")["providers"]![0]!["options"]!["path"]!.GetValue<string>();
        var source = new Uri(YamlJson.Read("deploy", "grafana", "provisioning", "datasources", "prometheus.yaml")["datasources"]![0]!["url"]!.GetValue<string>());
        var mounts = ComposeFile.Services["grafana"]!["volumes"]!.AsArray().Select(volume => volume!.GetValue<string>());

        mounts.ShouldContain($"./deploy/grafana/dray.json:{dashboards}/dray.json:ro");
        ComposeFile.Services.ContainsKey(source.Host).ShouldBeTrue();
        ComposeFile.Services[source.Host]!["ports"]![0]!.GetValue<string>().ShouldEndWith($":{source.Port}");
    }
}
