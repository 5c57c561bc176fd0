using Dray.Worker.Client;
using Dray.Worker.Http.Batches;
using Dray.Worker.Http.Files;
using Dray.Worker.Storage;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Http;

/// <summary>OpenAI's HTTP interface over the engine and the queue.</summary>
internal static class HttpApi
{
    /// <summary>Adds what the endpoints need. Goes with <c>AddDrayWorker</c>.</summary>
    public static IServiceCollection AddDrayHttp(this IServiceCollection services, HttpApiOptions options, IBlobStore store) => services
        .AddSingleton(options)
        .AddSingleton(provider => new BatchClient(
            store, _ => Task.FromResult<IMessageSender>(new BusSender(provider.GetRequiredService<IBus>())), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<FileStore>().AddSingleton<FileUpload>().AddSingleton<BatchOutputs>().AddSingleton<FileEndpoints>().AddSingleton<BatchEndpoints>();

    /// <summary>Maps the endpoints.</summary>
    public static void MapDrayHttp(this WebApplication app)
    {
        app.UseMiddleware<HttpFailures>();
        app.MapModels();
        FileEndpoints.Map(app);
        BatchEndpoints.Map(app);
    }
}
