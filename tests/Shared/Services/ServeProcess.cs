using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Dray.Tests.Services;

/// <summary><c>dray serve</c> in a process and a folder of its own, on the demo model and any port that is free; killed at the end.</summary>
internal sealed partial class ServeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly TemporaryFolder _folder;
    private readonly Queue<string> _lines = new();
    private readonly TaskCompletionSource<Uri?> _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServeProcess(Process process, TemporaryFolder folder)
    {
        (_process, _folder) = (process, folder);
        process.OutputDataReceived += (_, data) => Read(data.Data);
        process.ErrorDataReceived += (_, data) => Read(data.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _serving.TrySetResult(null);
    }

    /// <summary>Gets where it serves, such as <c>http://127.0.0.1:40001/</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Gets the folder that it runs in; without a store of its own it keeps batches in <c>dray-store</c> there.</summary>
    public TemporaryFolder Folder => _folder;

    /// <summary>Gets what it has printed.</summary>
    public string Log
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    /// <summary>Starts it and waits until it serves.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="arguments">More options, such as <c>--config</c>.</param>
    public static Task<ServeProcess> StartAsync(CancellationToken cancellationToken, params string[] arguments) => StartAsync(new TemporaryFolder(), cancellationToken, arguments);

    /// <summary>Starts it in a folder, which is deleted with it.</summary>
    public static async Task<ServeProcess> StartAsync(TemporaryFolder folder, CancellationToken cancellationToken, params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "dray.exe" : "dray");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
            ArgumentList = { "serve", "--port", "0", "--model", Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo") },
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var variable in (string[])["DRAY_BROKER", "DRAY_STORE", "DRAY_MODEL"]) start.Environment.Remove(variable);
        var process = new Process { StartInfo = start };
        var serve = new ServeProcess(process, folder);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            serve.Address = await serve._serving.Task.WaitAsync(Patience, cancellationToken)
                ?? throw new InvalidOperationException($"dray serve ended before it served: {serve.Log}");
            return serve;
        }
        catch
        {
            await serve.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills it, as <c>kill -9</c> does, and leaves its folder; the folder is deleted on disposal.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null) return;
        lock (_lines) _lines.Enqueue(line);
        if (ServingLine().Match(line) is { Success: true } match) _serving.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"The worker serves .* is at (http://\S+?)\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex ServingLine();
}
