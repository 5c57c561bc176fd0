using System.Security.Cryptography;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Hosting;
using Dray.Worker.Execution;
using Dray.Worker.Images;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using Dray.Worker.Transport;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dray.Worker.Embedded;

/// <summary>
/// Runs a file of rows in this process: the worker itself over an in-memory transport and a file-system store. Running the same
/// file with the same options and model again goes on where the last run ended, however it ended, and does no finished row twice;
/// a file that changed in any way is a new batch, of which nothing is done yet.
/// </summary>
/// <param name="options">What to run.</param>
/// <param name="loadEngine">Loads the engine, once input and output folder are known to be there; it is disposed of at the end.</param>
/// <param name="loggerFactory">Where to log to, or null for nowhere.</param>
/// <param name="time">The clock, or null for the system's.</param>
public sealed class EmbeddedBatch(
    EmbeddedBatchOptions options, Func<CancellationToken, Task<IInferenceEngine>> loadEngine, ILoggerFactory? loggerFactory = null,
    TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly WorkerSettings _settings = WorkerSettings.From(options.Worker).Unhurried();

    /// <summary>Gets what is put around the store, or null.</summary>
    internal Func<IBlobStore, IBlobStore>? WrapStore { get; init; }

    /// <summary>Gets how long to wait before each new attempt at a message, or null for the worker's way.</summary>
    internal IReadOnlyList<TimeSpan>? MessageRetryDelays { get; init; }

    /// <summary>Runs the batch to its end.</summary>
    /// <exception cref="EmbeddedBatchException">It can't be run, or couldn't be finished; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; finished rows are kept.</exception>
    public async Task<EmbeddedBatchSummary> RunAsync(
        IProgress<EmbeddedBatchProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var jobsFile = Path.GetFullPath(options.JobsFile);
        var sha256 = await HashAsync(jobsFile, cancellationToken);
        using var folder = EmbeddedFolder.Take(options.OutputFolder);
        await using var engine = await loadEngine(cancellationToken);
        var batchId = EmbeddedBatchIdentity.Derive(sha256, engine.Model, engine.DefaultSampling, _settings, options.EngineSettings);
        IBlobStore store = WrapStore is null ? folder.Store : WrapStore(folder.Store);
        var observer = new EmbeddedObserver(progress, _time);
        try
        {
            if (options.Force) await EmbeddedFolder.ForgetAsync(store, batchId, cancellationToken);
            await EmbeddedFolder.ImportAsync(store, jobsFile, BatchPaths.Input(batchId), sha256, cancellationToken);
            await RunHostAsync(batchId, engine, store, Path.GetDirectoryName(jobsFile)!, observer, cancellationToken);
            var manifest = await store.TryReadJsonAsync<BatchManifest>(BatchPaths.Manifest(batchId), cancellationToken)
                ?? throw new FileNotFoundException($"The manifest of batch '{batchId}' was written but is gone.");
            await folder.ExportAsync(store, manifest.Output.Path, manifest.Errors.Path, cancellationToken);
            return Summarize(manifest, observer.Current, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new EmbeddedBatchException(
                EmbeddedBatchProblem.StoreFailed, $"The output folder '{folder.Folder}' can't be used: {e.Message}", e);
        }
    }

    private static EmbeddedBatchException Lost(DeviceLostException lost) => new(
        EmbeddedBatchProblem.DeviceLost, $"{lost.Message} Finished rows are kept; run again to go on.", lost);

    private static async Task<string> HashAsync(string jobsFile, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(jobsFile);
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedBatchException(EmbeddedBatchProblem.InputRefused, $"The input '{jobsFile}' can't be read: {e.Message}", e);
        }
    }

    private static EmbeddedBatchSummary Summarize(BatchManifest manifest, EmbeddedBatchProgress progress, EmbeddedFolder folder)
    {
        // A batch that was done before this run had nothing to watch.
        var counts = manifest.Batch.RequestCounts;
        return new EmbeddedBatchSummary
        {
            BatchId = manifest.Batch.Id,
            Counts = counts,
            Usage = manifest.Batch.Usage,
            RowsResumed = progress.Total == 0 ? counts.Total : progress.Resumed,
            Elapsed = progress.Elapsed,
            CompletionTokensPerSecond = progress.Elapsed > TimeSpan.Zero ? progress.CompletionTokens / progress.Elapsed.TotalSeconds : 0,
            OutputFile = folder.OutputFile,
            ErrorsFile = folder.ErrorsFile,
        };
    }

    private async Task RunHostAsync(
        string batchId, IInferenceEngine engine, IBlobStore store, string jobsFolder, EmbeddedObserver observer,
        CancellationToken cancellationToken)
    {
        var outcome = new EmbeddedOutcome();
        using var host = BuildHost(engine, store, jobsFolder, observer, outcome);
        await host.StartAsync(cancellationToken);
        try
        {
            await host.Services.GetRequiredService<IBus>().Publish(new SubmitBatch { BatchId = batchId }, cancellationToken);
            await outcome.Ended.WaitAsync(cancellationToken);
        }
        catch (EmbeddedBatchException) when (engine.DeviceLost.IsCompleted)
        {
            throw Lost(await engine.DeviceLost);
        }
        finally
        {
            // Also on cancellation: rows that are with the engine end first, and the engine outlives them.
            await host.StopAsync(CancellationToken.None);
        }
    }

    private IHost BuildHost(
        IInferenceEngine engine, IBlobStore store, string jobsFolder, EmbeddedObserver observer, EmbeddedOutcome outcome)
    {
        var settings = MessageRetryDelays is null ? _settings : _settings with { MessageRetryDelays = MessageRetryDelays };
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(loggerFactory ?? NullLoggerFactory.Instance);
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.Services.AddSingleton(_time).AddSingleton(outcome).AddSingleton<IBatchObserver>(observer);
        builder.Services.AddDrayWorker(settings, engine, store, new ImageFolder(options.ImageFolder ?? jobsFolder), bus =>
        {
            bus.AddConsumer<EmbeddedOutcomeConsumer>().Endpoint(endpoint => endpoint.Name = "dray-embedded-outcome");
            InMemoryTransport.Use(bus, settings);
        });
        return builder.Build();
    }
}
