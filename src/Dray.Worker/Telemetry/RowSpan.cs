using System.Diagnostics;
using System.Text.Json;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Execution;

namespace Dray.Worker.Telemetry;

/// <summary>
/// One row from its turn to its outcome: a span of its own trace, linked to the chunk and to the submission it belongs to; counted
/// when it ends. One that is handed back unfinished counts as nothing.
/// </summary>
internal sealed class RowSpan : IDisposable
{
    private readonly Activity? _activity;
    private readonly string _model;
    private readonly long _start = Stopwatch.GetTimestamp();

    private RowSpan(string model, Activity? activity)
    {
        (_model, _activity) = (model, activity);
        DrayTelemetry.RowsInFlight.Add(1);
    }

    /// <summary>Begins a row that a model of this name answers.</summary>
    public static RowSpan Start(string model)
    {
        var links = SubmissionLink.OfCurrent();

        // A parent would make one trace of 50,000 spans: the row is a root, until the caller's method returns.
        Activity.Current = null;
        var activity = DrayTelemetry.Source.StartActivity(
            $"{DrayTelemetry.Chat} {model}", ActivityKind.Internal, default(ActivityContext), Tags(model), links);
        return new RowSpan(model, activity);
    }

    /// <summary>Runs a request on the engine and measures it; the span of its row learns what it used.</summary>
    public static async Task<GenerationResult> MeasureAsync(string model, Func<Task<GenerationResult>> generate)
    {
        var start = Stopwatch.GetTimestamp();
        var row = Activity.Current is { } current && current.Source == DrayTelemetry.Source ? current : null;
        var tags = new TagList([.. Tags(model)]);
        try
        {
            var result = await generate();
            Count("input", result.PromptTokens);
            Count("output", result.CompletionTokens);
            row?.SetTag(DrayTelemetry.RequestModel, model)
                .SetTag(DrayTelemetry.InputTokens, result.PromptTokens)
                .SetTag(DrayTelemetry.OutputTokens, result.CompletionTokens)
                .SetTag(DrayTelemetry.FinishReasons, result.Choices.Select(choice => Completions.NameOf(choice.FinishReason)).ToArray());
            return result;
        }
        catch (Exception e)
        {
            tags.Add(DrayTelemetry.ErrorType, (e as RequestRejectedException)?.Code ?? e.GetType().FullName);
            throw;
        }
        finally
        {
            DrayTelemetry.RequestDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
        }

        void Count(string type, int tokens) =>
            DrayTelemetry.TokenUsage.Record(tokens, new TagList([.. Tags(model), new(DrayTelemetry.TokenType, type)]));
    }

    /// <summary>Counts how the row ended, and gives it back.</summary>
    public BatchOutputRow Finish(BatchOutputRow row)
    {
        var tags = new TagList([.. Tags(_model)]);
        if (row.IsSuccess)
        {
            DrayTelemetry.Rows.Add(1, new KeyValuePair<string, object?>(DrayTelemetry.Outcome, "completed"));
        }
        else
        {
            var code = CodeOf(row);
            DrayTelemetry.Rows.Add(1, new(DrayTelemetry.Outcome, "failed"), new(DrayTelemetry.ErrorCode, code));
            tags.Add(DrayTelemetry.ErrorType, code);
            _activity?.SetTag(DrayTelemetry.ErrorType, code).SetStatus(ActivityStatusCode.Error);
        }

        DrayTelemetry.OperationDuration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, tags);
        return row;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DrayTelemetry.RowsInFlight.Add(-1);
        _activity?.Dispose();
    }

    // Codes are Dray's own, so few; never a message.
    private static string CodeOf(BatchOutputRow row) =>
        row.Error?.Code
        ?? (row.Response is { Body: var body } && Member(body, "error") is { } error && Member(error, "code") is { ValueKind: JsonValueKind.String } code
            ? code.GetString()
            : null)
        ?? ErrorCodes.EngineFailure;

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    private static KeyValuePair<string, object?>[] Tags(string model) =>
    [
        new(DrayTelemetry.Operation, DrayTelemetry.Chat),
        new(DrayTelemetry.Provider, DrayTelemetry.ProviderName),
        new(DrayTelemetry.RequestModel, model),
    ];
}
