using System.ComponentModel.DataAnnotations;
using Dray.Worker.Client;
using Dray.Worker.Http.Batches;
using Dray.Worker.Http.Files;
using Dray.Worker.Page;
using Dray.Worker.Storage;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Dray.Worker.Http;

/// <summary>OpenAI's HTTP interface over the engine and the queue.</summary>
internal static class HttpApi
{
    private const string Root = "/v1";

    /// <summary>Adds what the endpoints need. Goes with <c>AddDrayWorker</c>.</summary>
    public static IServiceCollection AddDrayHttp(this IServiceCollection services, HttpApiOptions options, IBlobStore store) => services
        .AddPage()
        .AddSingleton(options)
        .AddSingleton(provider => new BatchClient(
            store, _ => Task.FromResult<IMessageSender>(new BusSender(provider.GetRequiredService<IBus>())), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<ApiKeys>().AddSingleton<BodyBudget>().AddSingleton<SiteGuard>().AddSingleton<ChatEndpoints>().AddSingleton<CompletionEndpoints>().AddSingleton<ModelEndpoints>()
        .AddSingleton<FileStore>().AddSingleton<FileUpload>().AddSingleton<BatchOutputs>().AddSingleton<FileEndpoints>().AddSingleton<BatchEndpoints>()
        .AddOpenApi(options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Dray", Version = "v1", Description = "OpenAI's interface over Dray's engine and queue." };
            return Task.CompletedTask;
        }))
        .AddRequestLimits(options)
        .AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.CorsOrigins]).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("x-request-id")));

    /// <summary>Maps the endpoints, and what all of them under <c>/v1</c> share: failures in OpenAI's shape, who may ask, limits.</summary>
    /// <exception cref="ValidationException">The options, or the API keys' file, can't be used.</exception>
    public static void MapDrayHttp(this WebApplication application)
    {
        var options = application.Services.GetRequiredService<HttpApiOptions>();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (options.CorsOrigins.Count > 0) application.UseCors();
        application.UseWhen(context => context.Request.Path.StartsWithSegments(Root), api => api.UseMiddleware<HttpFailures>().UseMiddleware<SiteGate>().UseMiddleware<ApiKeyGate>());
        application.UseRateLimiter();
        application.MapOpenApi();
        var live = application.MapLive(options);
        application.Services.GetRequiredService<ChatEndpoints>().Map(live);
        application.Services.GetRequiredService<CompletionEndpoints>().Map(live);
        application.Services.GetRequiredService<ModelEndpoints>().Map(application);
        FileEndpoints.Map(application);
        BatchEndpoints.Map(application);
        application.MapPage();
    }
}
