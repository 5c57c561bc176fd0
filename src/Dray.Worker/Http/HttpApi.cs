using Dray.Worker.Client;
using Dray.Worker.Storage;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Http;

/// <summary>OpenAI's HTTP interface over the engine and the queue.</summary>
internal static class HttpApi
{
    /// <summary>Adds what the endpoints need. Goes with <c>AddDrayWorker</c>.</summary>
    public static IServiceCollection AddDrayHttp(this IServiceCollection services, HttpApiOptions options, IBlobStore store) => services
        .AddSingleton(options)
        .AddSingleton(provider => new BatchClient(
            store, _ => Task.FromResult<IMessageSender>(new BusSender(provider.GetRequiredService<IBus>())), provider.GetRequiredService<TimeProvider>()));

    /// <summary>Maps the endpoints.</summary>
    public static void MapDrayHttp(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapModels();
    }
}
