using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dray.Worker.Transport;

namespace Dray.Cli.Tests.Deploy;

public sealed class ComposeTests
{
    public static TheoryData<string> Names => [.. ComposeFile.Services.Select(service => service.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Service_Each_IsPinnedConfinedAndWatched(string name)
    {
        var service = ComposeFile.Services[name]!;

        service["image"]!.GetValue<string>().ShouldMatch(@"^[a-z./-]+:v?\d+\.\d+\.\d+(-[a-z]+)?$");
        Texts(service["security_opt"]).ShouldBe(["no-new-privileges:true"]);
        Texts(service["cap_drop"]).ShouldBe(["ALL"]);
        service["restart"]!.GetValue<string>().ShouldBe("unless-stopped");
        (service["healthcheck"] ?? (service["build"] is null ? null : "of the image")).ShouldNotBeNull();
        foreach (var port in Texts(service["ports"])) port.ShouldStartWith("127.0.0.1:");
        foreach (var (other, condition) in service["depends_on"]?.AsObject() ?? [])
        {
            ComposeFile.Services.ContainsKey(other).ShouldBeTrue(other);
            condition!["condition"]!.GetValue<string>().ShouldBe("service_healthy");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Service_Volumes_AreDeclaredOrInTheRepository(string name)
    {
        foreach (var source in Texts(ComposeFile.Services[name]!["volumes"]).Select(volume => ComposeFile.Expand(volume).Split(':')[0]))
        {
            if (source.StartsWith("./", StringComparison.Ordinal)) Path.Exists(Path.Combine(SharedFolder.Repository, source)).ShouldBeTrue(source);
            else ComposeFile.Volumes.ShouldContain(source);
        }
    }

    [Fact]
    public void Variables_All_AreInTheExample()
    {
        ComposeFile.Variables().Select(variable => variable.Name).Distinct().ShouldBe(ComposeFile.Environment.Keys, ignoreOrder: true);
        foreach (var (name, fallback) in ComposeFile.Variables())
        {
            if (name.Contains("PASSWORD", StringComparison.Ordinal)) fallback.ShouldStartWith(":?", Case.Sensitive, $"{name} must not have a value that everybody knows.");
            else fallback.ShouldBe($":-{ComposeFile.Environment[name]}");
        }
    }

    [Fact]
    public void Worker_Environment_IsWhatTheProgramReads()
    {
        var environment = ComposeFile.Services["worker"]!["environment"]!.AsObject();
        var broker = BrokerOptions.Parse(ComposeFile.Expand(environment["DRAY_BROKER"]!.GetValue<string>()));

        environment.Select(variable => variable.Key).ShouldBe(["DRAY_BROKER", "DRAY_STORE", "DRAY_MODEL"], ignoreOrder: true);
        environment.ShouldAllBe(variable => SourceTree.Reads(variable.Key));
        (broker.Host, broker.Port, broker.Display).ShouldBe(("rabbitmq", 5672, "amqp://rabbitmq:5672"));
        environment["DRAY_STORE"]!.GetValue<string>().ShouldBe("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite");
        File.Exists(Path.Combine(SharedFolder.Repository, "samples", ComposeFile.Expand(environment["DRAY_MODEL"]!.GetValue<string>())[1..], "config.json")).ShouldBeTrue();
        Texts(ComposeFile.Services["worker"]!["volumes"])[0].ShouldEndWith(":/models:ro");
    }

    [Fact]
    public void Worker_Grace_IsAboveTheDrainTime() =>
        Minutes(ComposeFile.Services["worker"]!["stop_grace_period"]!.GetValue<string>()).ShouldBeGreaterThanOrEqualTo(DeploySettings.LeastGrace);

    [Fact]
    public void Worker_Image_HasTheVersionOfTheProject()
    {
        ComposeFile.Services["worker"]!["image"]!.GetValue<string>().ShouldBe($"dray-worker:{SourceTree.Version}");
        ComposeFile.Services["worker"]!["build"]!["dockerfile"]!.GetValue<string>().ShouldBe("deploy/Dockerfile");
        ComposeFile.Services["worker"]!["build"]!["target"]!.GetValue<string>().ShouldBe("cpu");
        Texts(ComposeFile.Services["worker"]!["ports"]).ShouldHaveSingleItem().ShouldEndWith($":{DeploySettings.Port}");
    }

    [Fact]
    public void Broker_Ports_AreThoseOfItsConfiguration()
    {
        var settings = BrokerConfiguration.Read();
        var service = ComposeFile.Services["rabbitmq"]!;
        var inside = Texts(service["ports"]).Concat(Texts(service["expose"])).Select(port => port.Split(':')[^1]);

        inside.ShouldBe([settings["listeners.tcp.default"], settings["management.tcp.port"], settings["prometheus.tcp.port"]]);
        service["healthcheck"]!["test"]![1]!.GetValue<string>().ShouldContain(BrokerConfiguration.Definitions["policies"]![0]!["name"]!.GetValue<string>());
    }

    private static TimeSpan Minutes(string text) =>
        TimeSpan.FromMinutes(int.Parse(Regex.Match(text, @"^(\d+)m$").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    private static string[] Texts(JsonNode? list) => [.. list?.AsArray().Select(item => item!.GetValue<string>()) ?? []];
}
