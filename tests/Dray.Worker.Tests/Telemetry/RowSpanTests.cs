using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Telemetry;

namespace Dray.Worker.Tests.Telemetry;

public sealed class RowSpanTests : IDisposable
{
    private readonly AsyncLocal<bool> _isOurs = new() { Value = true };
    private readonly MeterListener _listener = new();
    private readonly List<string> _measured = [];

    public RowSpanTests()
    {
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == DrayTelemetry.Meter) self.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, $"{value}", tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Keep(instrument, "t", tags));
        _listener.Start();
    }

    [Fact]
    public void Finish_Completed_CountsTheRowAndItsTime()
    {
        using (var span = RowSpan.Start("m")) span.Finish(Row(200, "{}"));

        _measured.ShouldBe(
        [
            "dray.rows.in_flight 1",
            "dray.rows 1 outcome=completed",
            "gen_ai.client.operation.duration t gen_ai.operation.name=chat gen_ai.provider.name=dray gen_ai.request.model=m",
            "dray.rows.in_flight -1",
        ]);
    }

    [Theory]
    [InlineData("""{"error":{"message":"No.","type":"invalid_request_error","code":"image_invalid"}}""", "image_invalid")]
    [InlineData("""{"error":{"message":"No."}}""", "engine_failure")]
    [InlineData("""{"error":"No."}""", "engine_failure")]
    [InlineData("[]", "engine_failure")]
    public void Finish_FailedResponse_CountsItsCode(string body, string code)
    {
        using (var span = RowSpan.Start("m")) span.Finish(Row(400, body));

        _measured.ShouldContain($"dray.rows 1 outcome=failed error_code={code}");
    }

    [Fact]
    public void Finish_RowWithoutResponse_CountsItsCode()
    {
        var row = new BatchOutputRow { Id = "1", CustomId = "a", Error = new BatchRowError { Code = ErrorCodes.BatchExpired, Message = "Too late." } };

        using (var span = RowSpan.Start("m")) span.Finish(row).ShouldBeSameAs(row);

        _measured.ShouldContain("dray.rows 1 outcome=failed error_code=batch_expired");
    }

    [Fact]
    public void Dispose_HandedBack_CountsNoOutcome()
    {
        RowSpan.Start("m").Dispose();

        _measured.ShouldBe(["dray.rows.in_flight 1", "dray.rows.in_flight -1"]);
    }

    [Fact]
    public async Task MeasureAsync_Answer_CountsTokensByDirection()
    {
        await RowSpan.MeasureAsync("m", () => Task.FromResult(new GenerationResult([new GenerationChoice("x", [], FinishReason.Length)], 7, 3)));

        const string Tags = "gen_ai.operation.name=chat gen_ai.provider.name=dray gen_ai.request.model=m";
        _measured.ShouldBe(
        [
            $"gen_ai.client.token.usage 7 {Tags} gen_ai.token.type=input",
            $"gen_ai.client.token.usage 3 {Tags} gen_ai.token.type=output",
            $"gen_ai.server.request.duration t {Tags}",
        ]);
    }

    [Fact]
    public async Task MeasureAsync_Refused_CountsTheTimeUnderTheCode()
    {
        await Should.ThrowAsync<RequestRejectedException>(RowSpan.MeasureAsync(
            "m", () => throw new RequestRejectedException(RequestErrorCodes.ContextLengthExceeded, "Too long.", "messages")));

        _measured.ShouldHaveSingleItem().ShouldEndWith("error.type=context_length_exceeded");
    }

    [Fact]
    public async Task Start_InAnAsyncMethod_LeavesTheCallersSpanAlone()
    {
        using var caller = new Activity("caller").Start();

        await RunAsync();

        Activity.Current.ShouldBeSameAs(caller);

        static async Task RunAsync()
        {
            using var span = RowSpan.Start("m");
            await Task.Yield();
        }
    }

    public void Dispose() => _listener.Dispose();

    private static BatchOutputRow Row(int status, string body) => new()
    {
        Id = "1",
        CustomId = "a",
        Response = new BatchRowResponse { StatusCode = status, RequestId = "r", Body = JsonElement.Parse(body) },
    };

    // Other tests measure at the same time; their calls don't descend from this one.
    private void Keep(Instrument instrument, string value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_isOurs.Value) return;
        var text = string.Concat(tags.ToArray().Select(tag => $" {tag.Key}={tag.Value}"));
        lock (_measured) _measured.Add($"{instrument.Name} {value}{text}");
    }
}
