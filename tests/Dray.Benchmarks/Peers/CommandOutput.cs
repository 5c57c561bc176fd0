using System.Diagnostics;
using System.Text;

namespace Dray.Benchmarks.Peers;

/// <summary>Runs programs and hands over what they print.</summary>
internal static class CommandOutput
{
    private const int QuotedCharacters = 300;

    /// <summary>What a program wrote to stdout and, if asked for, to stderr.</summary>
    /// <exception cref="InvalidOperationException">It ended with another exit code than 0.</exception>
    public static string Of(string program, IEnumerable<string> arguments, string folder, bool withErrors = false)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var (output, errors) = (new StringBuilder(), new StringBuilder());
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(withErrors ? output : errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        var text = output.ToString();
        if (process.ExitCode == 0) return text;
        var said = (errors.Length > 0 ? errors.ToString() : text).Trim();
        throw new InvalidOperationException($"{Path.GetFileName(program)} ended with exit code {process.ExitCode}: {said[^Math.Min(said.Length, QuotedCharacters)..]}");
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.Append(line).Append('\n');
    }
}
