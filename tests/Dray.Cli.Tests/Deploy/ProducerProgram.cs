using Dray.Tests.Services;

namespace Dray.Cli.Tests.Deploy;

/// <summary>A sample producer and what it takes to run it.</summary>
internal static class ProducerProgram
{
    private static readonly string Folder = Path.Combine(SharedFolder.Repository, "samples", "producers");

    // Debian's own Python has Debian's packages.
    private static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <summary>Runs a producer against a broker; skips the test where its client library isn't installed.</summary>
    public static async Task<ProgramRun> RunAsync(
        string language, RabbitMqNode node, string virtualHost, string[] arguments, CancellationToken cancellationToken)
    {
        var (program, first) = language switch
        {
            "csharp" => ("dotnet", Path.Combine(Folder, "csharp", "bin", Configuration, "net10.0", "producer.dll")),
            "python" => (Python, Path.Combine(Folder, "python", "produce.py")),
            "node" => ("node", Path.Combine(Folder, "node", "produce.mjs")),
            "curl" => ("bash", Path.Combine(Folder, "curl", "produce.sh")),
            _ => throw new ArgumentOutOfRangeException(nameof(language)),
        };
        if (language == "python") RequiredServices.Demand(await HasPikaAsync(cancellationToken), "pika for Python");
        if (language == "node") RequiredServices.Demand(Directory.Exists(Path.Combine(Folder, "node", "node_modules", "amqplib")), "amqplib for Node");
        return await ProgramRun.OfAsync(
            program, [first, .. arguments], cancellationToken,
            ("DRAY_BROKER", $"{node.Uri.OriginalString}/{virtualHost}"),
            ("DRAY_MANAGEMENT", $"http://guest:guest@localhost:{node.ManagementPort}"),
            ("DRAY_WAIT_SECONDS", "60"));
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static async Task<bool> HasPikaAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await ProgramRun.OfAsync(Python, ["-c", "import pika"], cancellationToken)).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
