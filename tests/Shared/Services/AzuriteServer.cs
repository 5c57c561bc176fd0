using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dray.Tests.Services;

/// <summary>
/// An Azurite blob server of its own: own port, own folder, gone when disposed of. It can be stopped and started again. It is found
/// at <c>DRAY_AZURITE</c>, then as <c>azurite-blob</c> on the path.
/// </summary>
internal sealed class AzuriteServer : IAsyncDisposable
{
    private const string Command = "azurite-blob";
    private const string Ready = "successfully listens";
    private const int Terminate = 15;

    // The account and key that every Azurite has.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private static readonly Lazy<Task<AzuriteServer>> Common = new(StartCommonAsync);
    private readonly string _folder = Directory.CreateTempSubdirectory("dray-azurite-").FullName;
    private readonly bool _inMemory;
    private Process? _process;

    private AzuriteServer(bool inMemory) => _inMemory = inMemory;

    /// <summary>Gets whether Azurite is on this machine.</summary>
    public static bool IsInstalled => Server is not null;

    /// <summary>Gets the port, which stays the same when it is started again.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>Gets the account's URL, without credentials.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{Port}/{Account}");

    /// <summary>Gets a connection string with the account's key.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint={Endpoint};";

    private static string? Server { get; } = Environment.GetEnvironmentVariable("DRAY_AZURITE") is { Length: > 0 } named
        ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, Command)).FirstOrDefault(File.Exists);

    /// <summary>The server that all tests of this process share, each with containers of its own; started on first use.</summary>
    public static Task<AzuriteServer> SharedAsync() => Common.Value;

    /// <summary>Starts a server and waits until it serves.</summary>
    /// <param name="inMemory">Whether it keeps everything in memory: faster, and empty once stopped.</param>
    public static async Task<AzuriteServer> StartAsync(bool inMemory = false, CancellationToken cancellationToken = default)
    {
        var server = new AzuriteServer(inMemory);
        try
        {
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server again, on the same port and with everything that it had written.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(Server ?? throw new InvalidOperationException("Azurite is not installed."));
        string[] arguments = ["--blobPort", $"{Port}", "--location", _folder, "--skipApiVersionCheck", "--disableTelemetry", "--silent"];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        if (_inMemory) start.ArgumentList.Add("--inMemoryPersistence");

        _process = await ServerProcess.StartAsync(start, "Azurite", Ready, cancellationToken);
    }

    /// <summary>Stops the server. It is asked to, for it writes its index only every few seconds: killed, it would lose what it acknowledged.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            if (OperatingSystem.IsWindows() || Signal(process.Id, Terminate) != 0) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<AzuriteServer> StartCommonAsync()
    {
        var server = await StartAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return server;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
