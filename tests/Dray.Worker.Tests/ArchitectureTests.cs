using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Dray.Worker.Tests;

/// <summary>The worker never sees a tensor, the engine never sees a queue or a store: by what their assemblies refer to.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] Forbidden = ["MassTransit", "RabbitMQ", "Azure", "Polly", "Microsoft.Extensions.Hosting", "Dray.Worker"];

    [Fact]
    public void Worker_References_NoComputeTypes() => TypeReferences("Dray.Worker.dll")
        .Where(name => name.StartsWith("Dray.Inference.Compute", StringComparison.Ordinal) || name.StartsWith("Dray.Inference.Models", StringComparison.Ordinal))
        .ShouldBeEmpty();

    [Theory]
    [InlineData("Dray.Inference.dll")]
    [InlineData("Dray.Contracts.dll")]
    public void LowerAssemblies_Reference_NoQueueStoreOrHost(string assembly) => AssemblyReferences(assembly)
        .Where(name => Forbidden.Any(word => name.StartsWith(word, StringComparison.Ordinal)))
        .ShouldBeEmpty();

    [Fact]
    public void TypeReferences_OfTheWorker_AreSeenAtAll() => TypeReferences("Dray.Worker.dll").ShouldContain("Dray.Inference.IInferenceEngine");

    private static string[] TypeReferences(string assembly) => Read(assembly, metadata => metadata.TypeReferences.Select(handle =>
    {
        var type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }));

    private static string[] AssemblyReferences(string assembly) =>
        Read(assembly, metadata => metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)));

    private static string[] Read(string assembly, Func<MetadataReader, IEnumerable<string>> read)
    {
        using var reader = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly)));
        return [.. read(reader.GetMetadataReader())];
    }
}
