using System.Xml.Linq;

namespace Dray.Cli.Tests;

/// <summary>References between our projects point one way, down; the engine knows no queue, the contracts know nothing.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Dray.Contracts"] = [],
        ["Dray.Inference"] = [],
        ["Dray.Inference.Ilgpu"] = ["Dray.Inference"],
        ["Dray.Quantization"] = ["Dray.Inference"],
        ["Dray.Worker"] = ["Dray.Contracts", "Dray.Inference", "Dray.Inference.Ilgpu"],
        ["Dray.Extensions.AI"] = ["Dray.Worker"],
        ["Dray.Cli"] = ["Dray.Quantization", "Dray.Worker"],
    };

    private static IEnumerable<XDocument> Projects => Directory
        .EnumerateFiles(Path.Combine(SharedFolder.Repository, "src"), "*.csproj", SearchOption.AllDirectories)
        .Select(file => XDocument.Load(file, LoadOptions.SetBaseUri));

    [Fact]
    public void ProjectReferences_EveryProject_PointDownOnly()
    {
        var found = Projects.ToDictionary(
            project => Path.GetFileNameWithoutExtension(new Uri(project.BaseUri).LocalPath),
            project => project.Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
                .Order().ToArray());

        found.Keys.Order().ShouldBe(Allowed.Keys.Order());
        foreach (var (name, references) in found) references.ShouldBe(Allowed[name], name);
    }

    [Theory]
    [InlineData("Dray.Contracts", "")]
    [InlineData("Dray.Inference", "MassTransit,Azure,Polly,RabbitMQ,Microsoft.Extensions.Hosting")]
    public void PackageReferences_LowerProjects_NameNoQueueOrStore(string projectName, string forbidden)
    {
        var packages = Projects
            .Single(project => project.BaseUri.EndsWith($"/{projectName}.csproj", StringComparison.Ordinal))
            .Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value).ToArray();

        if (forbidden.Length == 0) packages.ShouldBeEmpty();
        foreach (var word in forbidden.Split(',', StringSplitOptions.RemoveEmptyEntries))
            packages.ShouldNotContain(package => package.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
