using System.Xml.Linq;

namespace Dray.Cli.Tests.Deploy;

public sealed class ImageFileTests
{
    private static readonly string[] Variants = ["cpu", "cuda"];

    public static TheoryData<string> Names => [.. Variants];

    [Fact]
    public void Stages_All_AreTheBuildAndBothVariants() => ImageFile.Stages.Keys.ShouldBe(["", "build", "cpu", "cuda"]);

    [Fact]
    public void Sources_All_AreInTheRepositoryAndInTheBuildContext()
    {
        var admitted = File.ReadAllLines(Path.Combine(SharedFolder.Repository, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToArray();
        var sources = ImageFile.Sources(ImageFile.Stages["build"]).ToArray();

        foreach (var source in sources)
        {
            Path.Exists(Path.Combine(SharedFolder.Repository, source)).ShouldBeTrue(source);
            admitted.ShouldContain(entry => source == entry || source.StartsWith(entry + "/", StringComparison.Ordinal), source);
        }

        admitted.ShouldAllBe(entry => sources.Any(source => source == entry || source.StartsWith(entry + "/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Restore_Projects_AreAllThatTheCommandNeeds()
    {
        var build = ImageFile.Stages["build"];
        var restored = ImageFile.Sources(build.TakeWhile(line => !line.Value.Contains("dotnet restore", StringComparison.Ordinal))).ToArray();

        restored.Where(source => source.EndsWith(".csproj", StringComparison.Ordinal)).ShouldBe(Closure("src/Dray.Cli/Dray.Cli.csproj"), ignoreOrder: true);
        restored.ShouldContain("global.json");
        restored.ShouldContain("Directory.Build.props");
        restored.ShouldContain("Directory.Packages.props");
        string.Join('\n', build.Select(line => line.Value)).ShouldContain("/app/samples/models/dray-demo");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Variant_Each_RunsTheWorkerAsNobodySpecial(string name)
    {
        var stage = ImageFile.Stages[name];
        string Value(string instruction) => stage.Last(line => line.Name == instruction).Value;

        Value("USER").ShouldBe(name == "cpu" ? "$APP_UID" : "1654");
        Value("STOPSIGNAL").ShouldBe("SIGTERM");
        Value("EXPOSE").ShouldBe($"{DeploySettings.Port}");
        Value("HEALTHCHECK").ShouldEndWith($"""CMD ["/app/healthcheck.sh", "{DeploySettings.Port}", "/health/ready"]""");
        Value("ENTRYPOINT").ShouldBe("""["dotnet", "/app/dray.dll"]""");
        Value("CMD").ShouldBe("""["worker"]""");
        Value("LABEL").ShouldContain($"org.opencontainers.image.version=\"{SourceTree.Version}\"");
        Value("FROM").ShouldNotContain("latest");
    }

    [Fact]
    public void Variants_Both_StartFromTheFrameworkTheProjectTargets()
    {
        var target = XDocument.Load(Path.Combine(SharedFolder.Repository, "Directory.Build.props")).Descendants("TargetFramework").Single().Value;

        ImageFile.Stages[""].ShouldContain(("ARG", $"DOTNET_VERSION={target["net".Length..]}"));
        ImageFile.Stages["cuda"].ShouldContain(("COPY", "--from=cpu /usr/share/dotnet /usr/share/dotnet"));
    }

    private static HashSet<string> Closure(string project)
    {
        var found = new HashSet<string>();
        var waiting = new Queue<string>([project]);
        while (waiting.TryDequeue(out var next))
        {
            if (!found.Add(next)) continue;
            foreach (var reference in XDocument.Load(Path.Combine(SharedFolder.Repository, next)).Descendants("ProjectReference"))
            {
                var full = Path.GetFullPath(Path.Combine(SharedFolder.Repository, Path.GetDirectoryName(next)!, reference.Attribute("Include")!.Value));
                waiting.Enqueue(Path.GetRelativePath(SharedFolder.Repository, full));
            }
        }

        return found;
    }
}
