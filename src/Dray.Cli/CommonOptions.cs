using System.CommandLine;

namespace Dray.Cli;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    private const string DemoModel = "samples/models/dray-demo";

    /// <summary>A <c>--model</c> option: the checkpoint folder.</summary>
    public static Option<string> Model() => new("--model")
    {
        Description = "Folder of the checkpoint: config.json, *.safetensors, tekken.json. Default: $DRAY_MODEL, then the demo model in samples/.",
        HelpName = "DIR",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("DRAY_MODEL") is { Length: > 0 } named ? named : FindDemoModel(),
    };

    /// <summary>A <c>--json</c> option.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print one JSON document on stdout instead of text." };

    private static string FindDemoModel()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, DemoModel);
            if (Directory.Exists(candidate)) return candidate;
        }

        return Path.Combine(Directory.GetCurrentDirectory(), DemoModel);
    }
}
