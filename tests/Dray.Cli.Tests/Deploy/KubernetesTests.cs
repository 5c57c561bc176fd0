using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dray.Tests.Deploy;
using Dray.Worker.Transport;

namespace Dray.Cli.Tests.Deploy;

public sealed class KubernetesTests
{
    private static readonly string Root = Path.Combine(SharedFolder.Repository, "deploy", "kubernetes");

    private static readonly JsonNode Pod = Base("deployment.yaml")["spec"]!["template"]!;

    private static readonly JsonNode Container = Pod["spec"]!["containers"]!.AsArray().Single()!;

    public static TheoryData<string> Folders => ["base", "overlays/gpu"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Kustomization_Files_AreThoseOfTheFolder(string folder)
    {
        var kustomization = Read(folder, "kustomization.yaml");
        var named = Texts(kustomization["resources"]).Where(resource => !resource.StartsWith("..", StringComparison.Ordinal))
            .Concat(Texts(kustomization["configMapGenerator"]![0]!["files"]))
            .Concat(kustomization["patches"]?.AsArray().Select(patch => patch!["path"]!.GetValue<string>()) ?? [])
            .Append("kustomization.yaml");

        Directory.GetFiles(Path.Combine(Root, folder)).Select(Path.GetFileName).ShouldBe(named, ignoreOrder: true);
        kustomization["configMapGenerator"]![0]!["name"]!.GetValue<string>().ShouldBe(Pod["spec"]!["volumes"]![0]!["configMap"]!["name"]!.GetValue<string>());
        kustomization["images"]![0]!["name"]!.GetValue<string>().ShouldBe(Container["image"]!.GetValue<string>());
        kustomization["images"]![0]!["newTag"]!.GetValue<string>().ShouldBe(folder == "base" ? SourceTree.Version : SourceTree.Version + "-cuda");
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Patches_AndResources_AreOfTheSameWorker(string folder)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Root, folder), "*.yaml").Where(file => Path.GetFileName(file) is not ("kustomization.yaml" or "worker.yaml")))
        {
            foreach (var resource in YamlJson.ReadAll(file))
            {
                resource["metadata"]!["name"]!.GetValue<string>().ShouldBe("dray-worker");
                resource["apiVersion"]!.GetValue<string>().ShouldMatch(@"^([a-z0-9.]+/)?v\d[a-z0-9]*$");
            }
        }
    }

    [Fact]
    public void Pod_Environment_IsWhatTheProgramReadsAndSecretsAreOnlyNamed()
    {
        var readme = File.ReadAllText(Path.Combine(SharedFolder.Repository, "deploy", "README.md"));
        foreach (var variable in Container["env"]!.AsArray().Concat(Gpu("deployment.yaml")["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray()))
            SourceTree.Reads(variable!["name"]!.GetValue<string>()).ShouldBeTrue(variable["name"]!.GetValue<string>());
        foreach (var variable in Container["env"]!.AsArray())
        {
            variable!["value"].ShouldBeNull();
            variable["valueFrom"]!["secretKeyRef"]!["name"]!.GetValue<string>().ShouldBe("dray-worker");
            readme.ShouldContain($"--from-literal={variable["valueFrom"]!["secretKeyRef"]!["key"]!.GetValue<string>()}=");
        }

        readme.ShouldContain($"--from-literal={Scaling("TriggerAuthentication")["spec"]!["secretTargetRef"]![0]!["key"]!.GetValue<string>()}=");
    }

    [Fact]
    public void Pod_Paths_AreMountedAndServed()
    {
        var spec = Pod["spec"]!;
        var arguments = Texts(Container["args"]);
        var mounts = Container["volumeMounts"]!.AsArray();

        arguments.ShouldBe(["worker", "--config", "/etc/dray/worker.yaml"]);
        mounts.Select(mount => mount!["mountPath"]!.GetValue<string>()).ShouldBe(["/etc/dray", "/tmp"]);
        mounts.Select(mount => mount!["name"]!.GetValue<string>()).ShouldBe(spec["volumes"]!.AsArray().Select(volume => volume!["name"]!.GetValue<string>()));
        Container["ports"]![0]!["containerPort"]!.GetValue<int>().ShouldBe(DeploySettings.Port);
        Pod["metadata"]!["annotations"]!["prometheus.io/port"]!.GetValue<string>().ShouldBe($"{DeploySettings.Port}");
        foreach (var (probe, path) in new[] { ("startupProbe", "/health/live"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready") })
        {
            Container[probe]!["httpGet"]!["path"]!.GetValue<string>().ShouldBe(path);
            Container[probe]!["httpGet"]!["port"]!.GetValue<string>().ShouldBe(Container["ports"]![0]!["name"]!.GetValue<string>());
        }
    }

    [Fact]
    public void Pod_Rights_AreTheLeast()
    {
        Pod["spec"]!["securityContext"]!["runAsNonRoot"]!.GetValue<bool>().ShouldBeTrue();
        Pod["spec"]!["securityContext"]!["runAsUser"]!.GetValue<int>().ShouldBe(ImageFile.UserId);
        Pod["spec"]!["automountServiceAccountToken"]!.GetValue<bool>().ShouldBeFalse();
        Container["securityContext"]!["readOnlyRootFilesystem"]!.GetValue<bool>().ShouldBeTrue();
        Container["securityContext"]!["allowPrivilegeEscalation"]!.GetValue<bool>().ShouldBeFalse();
        Texts(Container["securityContext"]!["capabilities"]!["drop"]).ShouldBe(["ALL"]);
        Container["resources"]!["limits"]!["memory"].ShouldNotBeNull();
    }

    [Fact]
    public void Pod_Grace_IsAboveTheDrainTime() =>
        TimeSpan.FromSeconds(Pod["spec"]!["terminationGracePeriodSeconds"]!.GetValue<int>()).ShouldBeGreaterThanOrEqualTo(DeploySettings.LeastGrace);

    [Fact]
    public void Scaling_Triggers_CountEveryWorkQueueOnceWithWhatIsUnderWay()
    {
        var triggers = Scaling("ScaledObject")["spec"]!["triggers"]!.AsArray();

        foreach (var queue in QueueNames.Work)
            triggers.Count(trigger => Regex.IsMatch(queue, trigger!["metadata"]!["queueName"]!.GetValue<string>())).ShouldBe(1, queue);
        foreach (var queue in QueueNames.Failure)
            triggers.ShouldAllBe(trigger => !Regex.IsMatch(queue, trigger!["metadata"]!["queueName"]!.GetValue<string>()));
        foreach (var trigger in triggers)
        {
            trigger!["type"]!.GetValue<string>().ShouldBe("rabbitmq");
            trigger["metadata"]!["protocol"]!.GetValue<string>().ShouldBe("http");
            trigger["metadata"]!["excludeUnacknowledged"]!.GetValue<string>().ShouldBe("false");
            trigger["metadata"]!["useRegex"]!.GetValue<string>().ShouldBe("true");
            trigger["authenticationRef"]!["name"]!.GetValue<string>().ShouldBe("dray-worker");
            trigger["metadata"]!["host"].ShouldBeNull();
        }
    }

    [Fact]
    public void Scaling_Cooldown_OutlastsTheSlowestChunk()
    {
        var timeout = BrokerOptions.Parse(BrokerOptions.DefaultUrl).ConsumerTimeout;

        TimeSpan.FromSeconds(Scaling("ScaledObject")["spec"]!["cooldownPeriod"]!.GetValue<int>()).ShouldBeGreaterThanOrEqualTo(timeout);
    }

    [Fact]
    public void Selectors_All_MatchThePod()
    {
        Read("base", "kustomization.yaml")["labels"]![0]!["pairs"]!["app.kubernetes.io/name"]!.GetValue<string>().ShouldBe("dray-worker");
        Base("disruption-budget.yaml")["spec"]!["selector"]!["matchLabels"]!["app.kubernetes.io/name"]!.GetValue<string>().ShouldBe("dray-worker");
        Base("network-policy.yaml")["spec"]!["podSelector"]!["matchLabels"]!["app.kubernetes.io/name"]!.GetValue<string>().ShouldBe("dray-worker");
    }

    private static JsonNode Scaling(string kind) =>
        YamlJson.ReadAll(Path.Combine(Root, "base", "scaling.yaml")).Single(resource => resource["kind"]!.GetValue<string>() == kind);

    private static JsonNode Base(string file) => Read("base", file);

    private static JsonNode Gpu(string file) => Read("overlays/gpu", file);

    private static JsonNode Read(string folder, string file) => YamlJson.Read(Path.Combine(Root, folder, file));

    private static string[] Texts(JsonNode? list) => [.. list?.AsArray().Select(item => item!.GetValue<string>()) ?? []];
}
