using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Consumers;
using Dray.Worker.Events;
using Dray.Worker.Execution;
using Dray.Worker.Images;
using Dray.Worker.Input;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using Dray.Worker.Transport;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Dray.Worker;

/// <summary>Puts a worker together. The transport is the caller's choice; everything else is the same for all.</summary>
internal static class WorkerServices
{
    /// <summary>How much longer each layer waits for the one inside it to stop.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(5);

    /// <summary>Adds a worker over an engine and a store.</summary>
    public static IServiceCollection AddDrayWorker(
        this IServiceCollection services, WorkerSettings settings, IInferenceEngine engine, IBlobStore store, ImageFolder? images,
        Action<IBusRegistrationConfigurator> transport)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IBatchObserver, SilentBatchObserver>();
        services.AddSingleton(settings).AddSingleton(engine).AddSingleton(store)
            .AddSingleton(provider => new WebImages(settings.ImageHosts, settings.ImageFetchTimeout, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider => new ImageResolver(
                images,
                new StoredImages(store, settings.ImageContainers),
                settings.ImageHosts.Count > 0 ? provider.GetRequiredService<WebImages>() : null,
                settings.MaxImagesPerRow,
                settings.MaxImageBytes))
            .AddSingleton<ServedModels>().AddSingleton<RequestRunner>().AddSingleton<RowThrottle>().AddSingleton<RowRunner>()
            .AddSingleton<BatchStops>().AddSingleton<ChunkRunner>().AddSingleton<JobRunner>().AddSingleton<BatchPlanner>()
            .AddSingleton<BatchLedger>().AddSingleton(BlobIndex.OfBatches(store)).AddSingleton<KnownBatches>().AddSingleton<BatchCommitter>()
            .AddSingleton(provider => new WorkerStopping(
                settings.DrainTimeout,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping))
            .AddScoped<ChunkDispatcher>();
        services.AddEventDelivery(settings);
        services.AddOptions<MassTransitHostOptions>().Configure(options =>
        {
            options.WaitUntilStarted = true;
            options.ConsumerStopTimeout = settings.DrainTimeout + StopMargin;
            options.StopTimeout = settings.DrainTimeout + (2 * StopMargin);
        });
        services.AddOptions<HostOptions>().Configure(options => options.ShutdownTimeout = settings.DrainTimeout + (3 * StopMargin));
        return services.AddMassTransit(bus =>
        {
            AddConsumer<SubmitBatchConsumer>(bus, QueueNames.SubmitBatch, 1);
            AddConsumer<CancelBatchConsumer>(bus, QueueNames.CancelBatch, 1);
            AddConsumer<PauseBatchConsumer>(bus, QueueNames.PauseBatch, 1);
            AddConsumer<ResumeBatchConsumer>(bus, QueueNames.ResumeBatch, 1);
            AddConsumer<RunChunkConsumer>(bus, QueueNames.RunChunk(JobPriority.Normal), settings.ConcurrentChunks);
            AddConsumer<RunJobConsumer>(bus, QueueNames.RunJob(JobPriority.Normal), settings.MaxRowsInFlight);
            transport(bus);
        });
    }

    /// <summary>What every transport's bus has: plain JSON is understood, and a message whose handling failed is tried again.</summary>
    public static void ConfigureBus(IBusFactoryConfigurator bus, WorkerSettings settings)
    {
        bus.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: false);
        bus.UseMessageRetry(retry =>
        {
            retry.Ignore<OperationCanceledException>();
            retry.Ignore<DeviceLostException>();
            if (settings.MessageRetryDelays.Count > 0) retry.Intervals([.. settings.MessageRetryDelays]);
            else retry.None();
        });
    }

    private static void AddConsumer<T>(IBusRegistrationConfigurator bus, string queue, int concurrency)
        where T : class, IConsumer =>
        bus.AddConsumer<T>().Endpoint(endpoint =>
        {
            endpoint.Name = queue;
            endpoint.ConcurrentMessageLimit = concurrency;
            endpoint.PrefetchCount = concurrency;
        });
}
