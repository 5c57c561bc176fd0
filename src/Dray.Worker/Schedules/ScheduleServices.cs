using Dray.Worker.Client;
using Dray.Worker.Storage;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Schedules;

/// <summary>Puts the schedules of a worker together.</summary>
internal static class ScheduleServices
{
    /// <summary>Adds schedules, which submit over the worker's own bus. Goes after <c>AddDrayWorker</c>.</summary>
    /// <param name="services">The worker's services.</param>
    /// <param name="options">The schedules.</param>
    /// <param name="store">The store.</param>
    /// <param name="settings">How the worker runs.</param>
    /// <param name="messagesLast">Whether a message outlives the process that sent it.</param>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">A schedule's places aren't of this store.</exception>
    public static IServiceCollection AddDraySchedules(
        this IServiceCollection services, IReadOnlyList<ScheduleOptions> options, IBlobStore store, WorkerSettings settings, bool messagesLast)
    {
        if (options.Count == 0) return services;
        Schedule[] schedules = [.. options.Select(schedule => new Schedule(schedule, store))];
        return services
            .AddSingleton(provider => new ScheduleRunner(
                store,
                new BusSender(provider.GetRequiredService<IBus>()),
                messagesLast,
                settings,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ScheduleRunner>>()))
            .AddSingleton<IHostedService>(provider => new ScheduleService(
                schedules,
                provider.GetRequiredService<ScheduleRunner>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ScheduleService>>()));
    }
}
