using System.Text.Json.Nodes;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

/// <summary>Tokenizers that several tests use, each loaded once.</summary>
internal static class Tokenizers
{
    private static readonly Lazy<TekkenTokenizer> LazyDemo = new(() => TekkenTokenizer.Load(DemoPath));
    private static readonly Lazy<TekkenTokenizer> LazyFull = new(() => TekkenTokenizer.Load(FullPath));

    /// <summary>The demo model's file: v11, 64 special tokens, 4032 ranks.</summary>
    public static string DemoPath => Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo", "tekken.json");

    public static TekkenTokenizer Demo => LazyDemo.Value;

    /// <summary>The golden file's: v11, 1000 special tokens, 130,072 ranks. Skips the test where it isn't there.</summary>
    public static TekkenTokenizer Full => FullPath.Length == 0 ? null! : LazyFull.Value;

    public static string FullPath => SharedFolder.Require("goldens", "tekken", "tekken.json");

    /// <summary>The demo model's vocabulary as another version; v13 gets tokens for reasoning.</summary>
    public static TekkenTokenizer DemoAs(TekkenVersion version)
    {
        var root = JsonNode.Parse(File.ReadAllText(DemoPath))!;
        root["config"]!["version"] = $"v{(int)version}";
        if (version == TekkenVersion.V13)
        {
            root["special_tokens"]![34]!["token_str"] = "[THINK]";
            root["special_tokens"]![35]!["token_str"] = "[/THINK]";
        }

        using var file = new TemporaryFile(root.ToJsonString());
        return TekkenTokenizer.Load(file.Path);
    }
}
