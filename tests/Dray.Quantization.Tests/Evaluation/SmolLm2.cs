using System.Diagnostics;
using Dray.Inference.Models;

namespace Dray.Quantization.Tests.Evaluation;

/// <summary>SmolLM2-135M from the shared folder, and text to measure it on.</summary>
internal static class SmolLm2
{
    /// <summary>A checkpoint's folder; skips the test where the shared folder isn't there.</summary>
    public static string Folder(string checkpoint) => Path.Combine(Prepared.Value, checkpoint);

    /// <summary>The tokens of the first 64 K characters of WikiText's test set.</summary>
    public static int[] Text(LanguageModel model) =>
        model.Tokenizer.Encode(File.ReadAllText(SharedFolder.Require("goldens", "eval", "wiki.test.raw")).AsSpan(0, 64 * 1024));

    /// <summary>The checkpoints are shipped as blocks and expanded once per machine.</summary>
    private static readonly Lazy<string> Prepared = new(() =>
    {
        var folder = Path.Combine(Path.GetTempPath(), "dray-test-smollm2-135m");
        var script = SharedFolder.Require("models", "smollm2-135m", "prepare.py");
        if (File.Exists(Path.Combine(folder, "complete"))) return folder;
        var start = new ProcessStartInfo("/usr/bin/python3", [script, folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"{output.Result}{error} (the checkpoint needs Debian's python3-numpy)");
        File.WriteAllText(Path.Combine(folder, "complete"), "");
        return folder;
    });
}
