using Dray.Contracts;
using Dray.Worker.Events;
using Dray.Worker.Ledger;
using Dray.Worker.Tests.Support;
using MassTransit;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.Core;
using NSubstitute.Extensions;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;
using Polly.Retry;
using Polly.Testing;
using Polly.Timeout;

namespace Dray.Worker.Tests.Events;

public sealed class CompletionPublisherTests
{
    private readonly DelaySkippingClock _time = new(EventDelivery.TotalTimeout, EventDelivery.AttemptTimeout);
    private readonly IPublishEndpoint _endpoint = Substitute.For<IPublishEndpoint>();
    private readonly List<DateTimeOffset> _attempts = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Configure_Pipeline_IsTotalTimeoutRetryBreakerAttemptTimeout()
    {
        var builder = new ResiliencePipelineBuilder();
        EventDelivery.Configure(builder, _time);

        var strategies = builder.Build().GetPipelineDescriptor().Strategies.Select(strategy => strategy.Options).ToArray();

        strategies.Length.ShouldBe(4);
        strategies[0].ShouldBeOfType<TimeoutStrategyOptions>().Timeout.ShouldBe(TimeSpan.FromMinutes(2));
        var retry = strategies[1].ShouldBeAssignableTo<RetryStrategyOptions<object>>()!;
        (retry.BackoffType, retry.UseJitter, retry.MaxRetryAttempts).ShouldBe((DelayBackoffType.Exponential, true, 8));
        strategies[2].ShouldBeAssignableTo<CircuitBreakerStrategyOptions<object>>()!.MinimumThroughput.ShouldBe(10);
        strategies[3].ShouldBeOfType<TimeoutStrategyOptions>().Timeout.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task PublishAsync_BrokerFailsTwice_TriesAThirdTime()
    {
        Answer(attempt => attempt <= 2 ? Task.FromException(new IOException("The broker is gone.")) : Task.CompletedTask);

        await Publisher().PublishAsync(Committed(BatchStatus.Completed), Token);

        _attempts.Count.ShouldBe(3);
        (_attempts[1] - _attempts[0]).ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task PublishAsync_BrokerStaysAway_GivesUpAfterEveryAttemptAndWithinTheTotalTime()
    {
        Answer(_ => Task.FromException(new IOException("The broker is gone.")));
        var start = _time.GetUtcNow();

        await Should.ThrowAsync<IOException>(Publisher().PublishAsync(Committed(BatchStatus.Completed), Token));

        _attempts.ShouldSatisfyAllConditions(
            () => _attempts.Count.ShouldBe(EventDelivery.MaxRetries + 1),
            () => (_time.GetUtcNow() - start).ShouldBeLessThanOrEqualTo(EventDelivery.TotalTimeout + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task PublishAsync_BrokerStaysAwayFromManyEvents_TheBreakerSparesAttempts()
    {
        Answer(_ => Task.FromException(new IOException("The broker is gone.")));
        using var cancel = new CancellationTokenSource();
        var publisher = Publisher(new FakeTimeProvider());

        var deliveries = Enumerable.Range(0, EventDelivery.BreakerThroughput + 5)
            .Select(_ => publisher.PublishAsync(Committed(BatchStatus.Completed), cancel.Token)).ToArray();
        var attempts = _attempts.Count;
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(Task.WhenAll(deliveries));
        attempts.ShouldBe(EventDelivery.BreakerThroughput);
    }

    [Fact]
    public async Task PublishIncompleteAsync_GivenMoreThenStoppedAgain_IsAnotherEvent()
    {
        Answer(_ => Task.CompletedTask);
        var state = new BatchState { Batch = Committed(BatchStatus.Incomplete).Manifest.Batch, MaxTokensTotal = 100 };

        await Publisher().PublishIncompleteAsync(state, Token);
        await Publisher().PublishIncompleteAsync(state, Token);
        await Publisher().PublishIncompleteAsync(state with { MaxTokensTotal = 200 }, Token);

        var events = _endpoint.ReceivedCalls().Select(call => call.GetArguments()[0].ShouldBeOfType<BatchIncomplete>()).ToArray();
        events.Select(e => e.BatchId).ShouldAllBe(id => id == "b1");
        events[1].EventId.ShouldBe(events[0].EventId);
        events[2].EventId.ShouldNotBe(events[0].EventId);
    }

    [Fact]
    public async Task PublishAsync_BrokerHangs_EachAttemptIsCutOff()
    {
        Answer(async (attempt, token) =>
        {
            if (attempt > 1) return;
            _time.Advance(EventDelivery.AttemptTimeout);
            await Task.Delay(Timeout.Infinite, token);
        });

        await Publisher().PublishAsync(Committed(BatchStatus.Completed), Token);

        _attempts.Count.ShouldBe(2);
        (_attempts[1] - _attempts[0]).ShouldBeGreaterThanOrEqualTo(EventDelivery.AttemptTimeout);
    }

    [Fact]
    public async Task PublishAsync_Cancelled_DoesNotTryAgain()
    {
        using var cancel = new CancellationTokenSource();
        Answer(async (_, token) =>
        {
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
        });

        await Should.ThrowAsync<OperationCanceledException>(Publisher().PublishAsync(Committed(BatchStatus.Completed), cancel.Token));

        _attempts.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(BatchStatus.Completed, typeof(BatchCompleted))]
    [InlineData(BatchStatus.Cancelled, typeof(BatchCancelled))]
    [InlineData(BatchStatus.Expired, typeof(BatchExpired))]
    public async Task PublishAsync_Status_DecidesTheEvent(BatchStatus status, Type type)
    {
        Answer(_ => Task.CompletedTask);

        await Publisher().PublishAsync(Committed(status), Token);

        _endpoint.ReceivedCalls().Single().GetArguments()[0].ShouldBeOfType(type);
    }

    [Fact]
    public void Derive_SameOutcome_IsTheSameIdAndNoOther()
    {
        var id = EventIds.Derive("BatchCompleted", "b1", "abc");

        EventIds.Derive("BatchCompleted", "b1", "abc").ShouldBe(id);
        new[] { EventIds.Derive("BatchCompleted", "b1", "abd"), EventIds.Derive("BatchCompleted", "b2", "abc"), EventIds.Derive("BatchFailed", "b1", "abc") }
            .ShouldNotContain(id);
        id.Version.ShouldBe(8);
    }

    private static CommittedManifest Committed(BatchStatus status)
    {
        var digest = new BlobDigest { Path = "p", Bytes = 1, Sha256 = "abc" };
        var manifest = new BatchManifest
        {
            Batch = new Batch { Id = "b1", InputFileId = "i", Status = status, CreatedAt = 1 },
            Input = digest,
            Output = digest,
            Errors = digest,
            Engine = new EngineIdentity { Version = "1", Backend = "fake", Model = "m", ModelDigest = "d" },
            Chunks = [],
        };
        return new CommittedManifest(manifest, digest);
    }

    private void Answer(Func<int, Task> attempt) => Answer((number, _) => attempt(number));

    private void Answer(Func<int, CancellationToken, Task> attempt) => _endpoint.ReturnsForAll((CallInfo call) =>
    {
        _attempts.Add(_time.GetUtcNow());
        return attempt(_attempts.Count, call.Arg<CancellationToken>());
    });

    private CompletionPublisher Publisher() => Publisher(_time);

    private CompletionPublisher Publisher(TimeProvider time)
    {
        var registry = new ResiliencePipelineRegistry<string>();
        registry.TryAddBuilder(EventDelivery.Pipeline, (builder, _) => EventDelivery.Configure(builder, time));
        return new CompletionPublisher(_endpoint, registry, time);
    }
}
