using System.Xml.Linq;

namespace Dray.Cli.Tests.Deploy;

/// <summary>What the sources say that files of a deployment repeat.</summary>
internal static class SourceTree
{
    private static readonly Lazy<string> Sources = new(() => string.Concat(
        Directory.EnumerateFiles(Path.Combine(SharedFolder.Repository, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)));

    /// <summary>Gets the project's version.</summary>
    public static string Version { get; } =
        XDocument.Load(Path.Combine(SharedFolder.Repository, "Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>Whether some source reads an environment variable.</summary>
    public static bool Reads(string variable) => Sources.Value.Contains($"\"{variable}\"", StringComparison.Ordinal);
}
