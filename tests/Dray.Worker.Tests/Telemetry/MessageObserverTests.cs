using System.Diagnostics.Metrics;
using Dray.Contracts;
using Dray.Worker.Telemetry;
using MassTransit;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace Dray.Worker.Tests.Telemetry;

public sealed class MessageObserverTests : IDisposable
{
    private readonly AsyncLocal<bool> _isOurs = new() { Value = true };
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, double Value, string Tags)> _measured = [];
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly ConsumeContext<RunChunk> _context = Substitute.For<ConsumeContext<RunChunk>>();
    private readonly MessageObserver _observer;

    public MessageObserverTests()
    {
        _observer = new MessageObserver(_time);
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == DrayTelemetry.Meter) self.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
    }

    [Theory]
    [InlineData(90, 90)]
    [InlineData(-5, 0)]
    public async Task PreConsume_SentEarlierOrByAClockAhead_MeasuresTheLag(int secondsAgo, double lag)
    {
        _context.SentTime.Returns(_time.GetUtcNow().UtcDateTime.AddSeconds(-secondsAgo));

        await _observer.PreConsume(_context);

        _measured.Select(one => one.Name).ShouldBe(["messaging.client.consumed.messages", "dray.queue.lag"]);
        _measured[1].Value.ShouldBe(lag);
        _measured[1].Tags.ShouldContain("messaging.destination.name=RunChunk");
    }

    [Fact]
    public async Task PreConsume_RedeliveredWithoutATime_CountsItAndMeasuresNoLag()
    {
        _context.SentTime.Returns((DateTime?)null);
        _context.ReceiveContext.Redelivered.Returns(true);

        await _observer.PreConsume(_context);

        _measured.Select(one => one.Name).ShouldBe(["messaging.client.consumed.messages", "dray.deliveries.redelivered"]);
    }

    [Fact]
    public async Task ConsumeFault_Exception_MeasuresTheTimeUnderItsType()
    {
        _context.ReceiveContext.ElapsedTime.Returns(TimeSpan.FromSeconds(3));

        await _observer.ConsumeFault(_context, new IOException("The store is gone."));

        var (name, value, tags) = _measured.ShouldHaveSingleItem();
        (name, value).ShouldBe(("messaging.process.duration", 3));
        tags.ShouldContain("error.type=System.IO.IOException");
    }

    public void Dispose() => _listener.Dispose();

    // Other tests measure at the same time; their calls don't descend from this one.
    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_isOurs.Value) return;
        var text = string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
        lock (_measured) _measured.Add((instrument.Name, value, text));
    }
}
