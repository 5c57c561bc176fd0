using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Embedded;
using Dray.Worker.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Support;

/// <summary>Embedded batches in a folder of their own, with a clock that stands still.</summary>
internal sealed class EmbeddedFixture : IDisposable
{
    public TemporaryFolder Folder { get; } = new();

    public EngineFake Engine { get; set; } = new();

    public WorkerOptions Worker { get; } = new() { ChunkRows = 4 };

    public string Output => Folder["out"];

    public Func<IBlobStore, IBlobStore>? WrapStore { get; set; }

    public Task<EmbeddedBatchSummary> RunAsync(
        string input, bool force = false, IProgress<EmbeddedBatchProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var options = new EmbeddedBatchOptions
        {
            JobsFile = Folder.Write("jobs.jsonl", input),
            OutputFolder = Output,
            Force = force,
            Worker = Worker,
        };
        return Batch(options).RunAsync(progress, cancellationToken);
    }

    public EmbeddedBatch Batch(EmbeddedBatchOptions options) =>
        new(options, _ => Task.FromResult<IInferenceEngine>(Engine), time: new FakeTimeProvider())
        {
            WrapStore = WrapStore,
            MessageRetryDelays = [],
        };

    public BatchOutputRow[] Rows(string name) =>
        [.. File.ReadAllLines(System.IO.Path.Combine(Output, name)).Select(line => JsonSerializer.Deserialize<BatchOutputRow>(line, ContractsJson.Options)!)];

    public void Dispose() => Folder.Dispose();
}
