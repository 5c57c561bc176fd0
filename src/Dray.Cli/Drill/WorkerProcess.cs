using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Dray.Cli.Drill;

/// <summary>
/// A worker in a process of its own, <c>dray worker</c>, that can be killed and started again. It serves its health on any port that is
/// free.
/// </summary>
/// <param name="name">What to call it.</param>
/// <param name="options">How to start it.</param>
internal sealed partial class WorkerProcess(string name, WorkerProcessOptions options) : IAsyncDisposable
{
    private const int Kept = 200;
    private const int Terminate = 15;
    private readonly Queue<string> _lines = new();
    private Process? _process;
    private TaskCompletionSource<Uri> _serving = NewServing();

    /// <summary>Gets what it is called.</summary>
    public string Name => name;

    /// <summary>Gets how it is started the next time.</summary>
    public WorkerProcessOptions Options { get; set; } = options;

    /// <summary>Gets the process's number, or null while there is none.</summary>
    public int? Id => _process?.Id;

    /// <summary>Gets a value indicating whether the process runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Gets a value indicating whether it has said that it takes work, and still runs.</summary>
    public bool IsServing => IsRunning && _serving.Task.IsCompletedSuccessfully;

    /// <summary>Gets the last lines that it printed, over all its lives.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    /// <summary>Starts it without waiting for it.</summary>
    /// <exception cref="InvalidOperationException">It runs already.</exception>
    public void Launch()
    {
        if (IsRunning) throw new InvalidOperationException($"The {name} runs already.");
        _process?.Dispose();
        _serving = NewServing();
        var serving = _serving;
        var process = new Process { StartInfo = StartInfo(), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, data) => Read(data.Data, serving);
        process.ErrorDataReceived += (_, data) => Read(data.Data, serving);
        process.Exited += (_, _) => serving.TrySetException(new InvalidOperationException($"The {name} ended before it took work."));
        process.Start();
        _process = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until it takes work.</summary>
    /// <returns>Where it shows its health.</returns>
    /// <exception cref="InvalidOperationException">It ended before that; the message has its last lines.</exception>
    public async Task<Uri> WaitUntilServingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _serving.Task.WaitAsync(cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            // What it printed last may still be on its way.
            if (_process is { } process) await process.WaitForExitAsync(cancellationToken);
            throw new InvalidOperationException($"{e.Message}\n{string.Join('\n', LastLines.TakeLast(20))}", e);
        }
    }

    /// <summary>Starts it and waits until it takes work.</summary>
    /// <returns>Where it shows its health.</returns>
    /// <exception cref="InvalidOperationException">It ended before that; the message has its last lines.</exception>
    public Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        Launch();
        return WaitUntilServingAsync(cancellationToken);
    }

    /// <summary>Kills it, as <c>kill -9</c> does; returns when it is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process) return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as Kubernetes does with SIGTERM, and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        var process = _process ?? throw new InvalidOperationException($"The {name} was never started.");
        if (!process.HasExited && (OperatingSystem.IsWindows() || Signal(process.Id, Terminate) != 0)) process.Kill();
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        _process = null;
    }

    private static TaskCompletionSource<Uri> NewServing()
    {
        var serving = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);

        // Nobody may be waiting when it ends early.
        _ = serving.Task.ContinueWith(task => task.Exception, TaskScheduler.Default);
        return serving;
    }

    // The program beside this one: this very program, or the one that a test was built with.
    private ProcessStartInfo StartInfo()
    {
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "dray.exe" : "dray");
        var start = File.Exists(program)
            ? new ProcessStartInfo(program)
            : new ProcessStartInfo(Environment.ProcessPath!) { ArgumentList = { Path.Combine(AppContext.BaseDirectory, "dray.dll") } };
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        string[] arguments =
        [
            "worker", "--port", "0",
            .. Options.Model is { } model ? (string[])["--model", model] : [],
            .. Options.Config is { } config ? (string[])["--config", config] : [],
            .. Options.Threads is { } threads ? (string[])["--threads", threads.ToString(CultureInfo.InvariantCulture)] : [],
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["DRAY_BROKER"] = Options.Broker;
        start.Environment["DRAY_STORE"] = Options.Store;
        foreach (var (key, value) in Options.Environment) start.Environment[key] = value;
        return start;
    }

    private void Read(string? line, TaskCompletionSource<Uri> serving)
    {
        if (line is null) return;
        lock (_lines)
        {
            _lines.Enqueue($"{name}: {line}");
            if (_lines.Count > Kept) _lines.Dequeue();
        }

        if (ServingLine().Match(line) is { Success: true } match) serving.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"The worker serves .* is at (http://\S+?)\.?$", RegexOptions.CultureInvariant)]
    private static partial Regex ServingLine();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
