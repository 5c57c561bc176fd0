using Dray.Worker.Page.Rows;
using Dray.Worker.Telemetry;
using Dray.Worker.Transport;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Page;

/// <summary>What the page needs beside a worker.</summary>
internal static class PageServices
{
    /// <summary>Adds it.</summary>
    public static IServiceCollection AddPage(this IServiceCollection services)
    {
        services.AddRazorComponents();

        // Keys live as long as the process: nothing secret lies in a folder, and whoever was signed in signs in again.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "dray-form";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true;
        });
        services.AddAuthentication().AddCookie(PageAccess.Scheme, PageAccess.Configure);
        services.AddSingleton(provider => new EngineSampler(
            provider.GetRequiredService<Inference.IInferenceEngine>(), provider.GetRequiredService<RemainingRows>(),
            provider.GetService<QueueWatch>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService(provider => provider.GetRequiredService<EngineSampler>());
        return services.AddSingleton<RowIndexes>().AddSingleton<RowLines>().AddSingleton<RowBrowser>().AddSingleton<RowPictures>()
            .AddSingleton<BatchDownloads>().AddSingleton<PageViews>().AddSingleton<PageAccess>();
    }
}
