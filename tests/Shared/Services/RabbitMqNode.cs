using System.Diagnostics;

namespace Dray.Tests.Services;

/// <summary>A RabbitMQ broker of its own: own ports, own folder, gone when disposed of. It can be stopped and started again.</summary>
internal sealed class RabbitMqNode : IAsyncDisposable
{
    private const string Ready = "completed with";
    private static readonly string[] Places = ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server"];
    private readonly string _folder = Directory.CreateTempSubdirectory("dray-rabbitmq-").FullName;
    private readonly int _port = FreePort.Next();
    private readonly int _distributionPort = FreePort.Next();
    private readonly string _name = $"dray-{Guid.NewGuid():N}@localhost";
    private Process? _process;

    private RabbitMqNode(string settings, string advanced, IReadOnlyList<string> plugins, int? managementPort)
    {
        ManagementPort = managementPort;
        var management = managementPort is { } port ? $"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}\n" : "";
        File.WriteAllText(
            Path.Combine(_folder, "rabbitmq.conf"),
            $"listeners.tcp.1 = 127.0.0.1:{_port}\nlog.console = false\nlog.file = rabbit.log\n{management}{settings}\n");
        File.WriteAllText(Path.Combine(_folder, "advanced.config"), $"[{{rabbit,[{advanced}]}}].\n");
        File.WriteAllText(Path.Combine(_folder, "enabled_plugins"), $"[{string.Join(',', plugins)}].");
    }

    /// <summary>Gets whether RabbitMQ is on this machine.</summary>
    public static bool IsInstalled => Server is not null;

    /// <summary>Gets the broker's AMQP URL.</summary>
    public Uri Uri => new($"amqp://guest:guest@localhost:{_port}");

    /// <summary>Gets the port of the management API, or null where the node has none.</summary>
    public int? ManagementPort { get; }

    private static string? Server { get; } = Environment.GetEnvironmentVariable("DRAY_RABBITMQ_SERVER") is { Length: > 0 } named
        ? named
        : Places.FirstOrDefault(File.Exists);

    /// <summary>Starts a broker and waits until it serves.</summary>
    /// <param name="settings">Lines of rabbitmq.conf to add.</param>
    /// <param name="management">Whether it has the management API.</param>
    /// <param name="plugins">Other plugins to enable.</param>
    /// <param name="advanced">What rabbitmq.conf has no name for, as Erlang terms such as <c>{channel_tick_interval,1000}</c>.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<RabbitMqNode> StartAsync(
        string settings = "", bool management = false, IReadOnlyList<string>? plugins = null, string advanced = "",
        CancellationToken cancellationToken = default)
    {
        var node = new RabbitMqNode(settings, advanced, [.. management ? (string[])["rabbitmq_management"] : [], .. plugins ?? []], management ? FreePort.Next() : null);
        try
        {
            await node.StartAgainAsync(cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the broker again with everything that it had written.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(Server ?? throw new InvalidOperationException("RabbitMQ is not installed."));
        foreach (var (key, value) in new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["RABBITMQ_NODENAME"] = _name,
            ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(_folder, "advanced.config"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "rabbitmq-env.conf"),
        })
        {
            start.Environment[key] = value;
        }

        _process = await ServerProcess.StartAsync(start, "RabbitMQ", Ready, cancellationToken);
    }

    /// <summary>Kills the broker, as a power cut would.</summary>
    public async Task StopAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
