using MassTransit;

namespace Dray.Worker.Transport;

/// <summary>The worker's bus in the memory of its process, where there is no broker: messages end with it.</summary>
internal static class InMemoryTransport
{
    /// <summary>Configures the bus.</summary>
    public static void Use(IBusRegistrationConfigurator bus, WorkerSettings settings) => bus.UsingInMemory((context, memory) =>
    {
        WorkerServices.ConfigureBus(memory, settings);
        memory.ConfigureEndpoints(context);
    });
}
