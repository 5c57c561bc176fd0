using System.Security.Authentication;
using Dray.Contracts;
using Dray.Worker.Consumers;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Dray.Worker.Transport;

/// <summary>The worker's bus on RabbitMQ: consumes from the queues of <see cref="BrokerTopology"/>, with plain JSON both ways.</summary>
internal static class RabbitMqTransport
{
    /// <summary>Configures the bus.</summary>
    public static void Use(IBusRegistrationConfigurator bus, BrokerOptions broker, WorkerSettings settings) => bus.UsingRabbitMq((context, rabbit) =>
    {
        rabbit.Host(broker.Host, (ushort)broker.Port, broker.VirtualHost, "dray-worker", host => Connect(host, broker));
        rabbit.UseRawJsonSerializer(RawSerializerOptions.AnyMessageType | RawSerializerOptions.AddTransportHeaders, isDefault: true);
        rabbit.Publish<RunJob>(message => message.ExchangeType = ExchangeType.Direct);
        rabbit.Publish<RunChunk>(message => message.ExchangeType = ExchangeType.Direct);

        var endpoints = new Endpoints(context, rabbit, broker);
        endpoints.Add<SubmitBatchConsumer>(QueueNames.SubmitBatch, 1);
        endpoints.Add<CancelBatchConsumer>(QueueNames.CancelBatch, 1);
        endpoints.Add<PauseBatchConsumer>(QueueNames.PauseBatch, 1);
        endpoints.Add<ResumeBatchConsumer>(QueueNames.ResumeBatch, 1);
        foreach (var priority in QueueNames.Priorities)
        {
            endpoints.Add<RunChunkConsumer>(QueueNames.RunChunk(priority), settings.ConcurrentChunks);
            endpoints.Add<RunJobConsumer>(QueueNames.RunJob(priority), settings.MaxRowsInFlight);
        }
    });

    private static void Connect(IRabbitMqHostConfigurator host, BrokerOptions broker)
    {
        host.Username(broker.UserName);
        host.Password(broker.Password);
        if (!broker.IsTls) return;
        host.UseSsl(tls =>
        {
            tls.ServerName = broker.Host;
            tls.Protocol = SslProtocols.None;
            if (broker.CaFile is not null) tls.CertificateValidationCallback = broker.IsTrusted;
            if (broker.ReadClientCertificate() is { } certificate) tls.Certificate = certificate;
        });
    }

    private sealed class Endpoints(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit, BrokerOptions broker)
    {
        private readonly Dictionary<string, object?> _arguments = BrokerTopology.QueueArguments(broker.ConsumerTimeout);
        private readonly RedeliveryFilter _redelivery = new(
            context.GetRequiredService<TimeProvider>(),
            context.GetRequiredService<ILogger<RedeliveryFilter>>(),
            context.GetRequiredService<WorkerStopping>().Token);

        // As many deliveries as run at once: one that only waits would count as delivered when the worker dies.
        public void Add<T>(string queue, int concurrency)
            where T : class, IConsumer => rabbit.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.PrefetchCount = concurrency;
            endpoint.ConcurrentMessageLimit = concurrency;
            endpoint.ConfigureConsumeTopology = false;
            foreach (var (name, value) in _arguments) endpoint.SetQueueArgument(name, value);
            foreach (var (_, message, keys) in BrokerTopology.Bindings().Where(binding => binding.Queue == queue))
            {
                foreach (var key in keys)
                {
                    endpoint.Bind(BrokerTopology.ExchangeOf(message), exchange =>
                    {
                        exchange.ExchangeType = BrokerTopology.IsRouted(message) ? ExchangeType.Direct : ExchangeType.Fanout;
                        exchange.RoutingKey = key;
                    });
                }
            }

            endpoint.ConfigureError(pipe =>
            {
                pipe.UseFilter(_redelivery);
                pipe.UseFilter(new ErrorTransportFilter());
            });
            endpoint.ConfigureConsumer<T>(context);
        });
    }
}
