using Dray.Inference;
using Dray.Inference.Compute.Cpu;
using Dray.Worker;
using Dray.Worker.Http;
using Dray.Worker.Schedules;

namespace Dray.Cli.Configuration;

/// <summary>What the command line and the configuration file say, checked; what neither says has its default.</summary>
internal sealed class DrayConfiguration
{
    /// <summary>Gets or sets the checkpoint folder, or null where nothing names one.</summary>
    public string? Model { get; set; }

    /// <summary>Gets or sets the broker's AMQP URL, or null where nothing names one.</summary>
    public string? Broker { get; set; }

    /// <summary>Gets or sets the store: a folder, a container's URL or a connection string; null where nothing names one.</summary>
    public string? Store { get; set; }

    /// <summary>Gets or sets where to compute: auto, cpu, cuda or opencl.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>Gets or sets the number of threads on the CPU, or null for one per physical core.</summary>
    public int? Threads { get; set; }

    /// <summary>Gets or sets the CPU's instruction set, or null for the best that can be used.</summary>
    public CpuInstructionSet? CpuPath { get; set; }

    /// <summary>Gets or sets the precision of quantized weights' inputs on the CPU.</summary>
    public ActivationPrecision Activations { get; set; }

    /// <summary>Gets or sets the folder that the CPU's packed weights are kept in, or null where none are kept.</summary>
    public string? WeightCache { get; set; }

    /// <summary>Gets or sets the address that the HTTP server listens on.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Gets or sets the port that the HTTP server listens on.</summary>
    public int Port { get; set; } = 8000;

    /// <summary>Gets or sets the authority that signed the broker's certificate, or null for those that the system trusts.</summary>
    public string? BrokerCaFile { get; set; }

    /// <summary>Gets or sets the certificate and key to show the broker, or null for none.</summary>
    public string? BrokerCertificateFile { get; set; }

    /// <summary>Gets or sets how long the broker lets a delivery be unacknowledged.</summary>
    public TimeSpan ConsumerTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets or sets how the engine runs.</summary>
    public EngineOptions Engine { get; set; } = new();

    /// <summary>Gets the folder of the file, which names in it are relative to.</summary>
    public string Folder { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Gets or sets the schedules that workers run.</summary>
    public IReadOnlyList<ScheduleOptions> Schedules { get; set; } = [];

    /// <summary>Gets how the worker runs.</summary>
    public WorkerOptions Worker { get; } = new();

    /// <summary>Gets or sets whether a worker on a broker answers over HTTP too; <c>dray serve</c> always does.</summary>
    public bool ServesHttp { get; set; }

    /// <summary>Gets how requests are answered over HTTP.</summary>
    public HttpApiOptions Http { get; } = new();

    /// <summary>
    /// Gets or sets how many rows are with the engine at once, or null for twice the sequences of a pass, and at least the default of
    /// <see cref="WorkerOptions.MaxRowsInFlight"/>.
    /// </summary>
    public int? MaxRowsInFlight { get; set; }

    /// <summary>Gets the file's keys that are understood but mean nothing here, in the file's order.</summary>
    public IList<string> KeysThatDoNotApply { get; } = [];

    /// <summary>Sets what depends on several keys.</summary>
    public void Complete() => Worker.MaxRowsInFlight = MaxRowsInFlight ?? Math.Clamp(2 * Engine.MaxNumSeqs, Worker.MaxRowsInFlight, 4096);
}
