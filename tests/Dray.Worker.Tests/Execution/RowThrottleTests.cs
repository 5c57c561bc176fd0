using Dray.Contracts;
using Dray.Worker.Execution;

namespace Dray.Worker.Tests.Execution;

public sealed class RowThrottleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAloneAsync_AmongManyRows_NoOtherRuns()
    {
        using var throttle = new RowThrottle(WorkerSettings.From(new WorkerOptions { MaxRowsInFlight = 3 }));
        var running = 0;
        var company = new List<int>();

        async Task<int> RowAsync(bool alone)
        {
            var now = Interlocked.Increment(ref running);
            await Task.Yield();
            if (alone) lock (company) company.Add(Math.Max(now, Volatile.Read(ref running)));
            Interlocked.Decrement(ref running);
            return now;
        }

        var rows = Enumerable.Range(0, 60).Select(i => Task.Run(() => i % 10 == 0
            ? throttle.RunAloneAsync(() => RowAsync(alone: true), Token)
            : throttle.RunAsync(JobPriority.Normal, () => RowAsync(alone: false), Token)));
        var peaks = await Task.WhenAll(rows);

        company.ShouldBe([1, 1, 1, 1, 1, 1]);
        peaks.Max().ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task RunAloneAsync_CancelledWhileWaiting_GivesItsPlacesBack()
    {
        using var throttle = new RowThrottle(WorkerSettings.From(new WorkerOptions { MaxRowsInFlight = 2 }));
        var release = new TaskCompletionSource<int>();
        var busy = throttle.RunAsync(JobPriority.Normal, () => release.Task, Token);
        using var cancel = new CancellationTokenSource();
        var alone = throttle.RunAloneAsync(() => Task.FromResult(1), cancel.Token);

        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(alone);
        (await throttle.RunAsync(JobPriority.Normal, () => Task.FromResult(2), Token)).ShouldBe(2);
        release.SetResult(3);

        (await busy).ShouldBe(3);
        (await throttle.RunAloneAsync(() => Task.FromResult(4), Token)).ShouldBe(4);
    }

    [Fact]
    public async Task RunAsync_RowsOfAllPriorities_MostUrgentFirstThenInOrderOfArrival()
    {
        using var throttle = new RowThrottle(WorkerSettings.From(new WorkerOptions { MaxRowsInFlight = 1 }));
        var order = new List<string>();
        var release = new TaskCompletionSource<int>();
        using var givenUp = new CancellationTokenSource();
        Task<int> Row(JobPriority priority, string name, CancellationToken waiting) => throttle.RunAsync(
            priority,
            () =>
            {
                order.Add(name);
                return Task.FromResult(0);
            },
            waiting);
        var busy = throttle.RunAsync(JobPriority.Low, () => release.Task, Token);
        var rows = new List<Task<int>>
        {
            Row(JobPriority.Low, "low 1", Token), Row(JobPriority.Normal, "normal 1", Token), Row(JobPriority.High, "high 1", Token),
            Row(JobPriority.Normal, "normal 2", Token), Row(JobPriority.High, "high 2", Token), Row(JobPriority.Low, "low 2", Token),
        };
        var cancelled = Row(JobPriority.High, "given up", givenUp.Token);
        var alone = throttle.RunAloneAsync(() => Alone("alone"), Token);
        await givenUp.CancelAsync();

        release.SetResult(0);
        await Task.WhenAll([busy, alone, .. rows]);

        await Should.ThrowAsync<OperationCanceledException>(cancelled);
        order.ShouldBe(["alone", "high 1", "high 2", "normal 1", "normal 2", "low 1", "low 2"]);

        Task<int> Alone(string name)
        {
            order.Add(name);
            return Task.FromResult(0);
        }
    }
}
