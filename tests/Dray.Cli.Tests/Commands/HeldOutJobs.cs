using System.Diagnostics;
using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

/// <summary>The demo model's jobs that it wasn't trained on, and how many fields of its answers are right.</summary>
internal static class HeldOutJobs
{
    /// <summary>Runs the jobs, writes their answers to a folder, and counts by the rules of the shared folder's script.</summary>
    public static async Task<(int Right, int Of)> ScoreAsync(string output, params string[] options)
    {
        var folder = SharedFolder.Require("models", "dray-demo", "heldout-dev");
        var run = await CommandRun.Of(["run", Path.Combine(folder, "batch.jsonl"), "--output", output, .. options]);
        run.ExitCode.ShouldBe(0, run.Error);

        string[] arguments = [SharedFolder.Require("tools", "demo-score.py"), Path.Combine(output, "output.jsonl"), Path.Combine(folder, "batch-truth.jsonl"), "--json"];
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments) { RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0);
        var score = JsonElement.Parse(text).GetProperty("all");
        return (score.GetProperty("right").GetInt32(), score.GetProperty("of").GetInt32());
    }
}
