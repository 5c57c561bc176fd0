using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Input;
using Dray.Worker.Telemetry;

namespace Dray.Worker.Execution;

/// <summary>Runs one row of a batch: gives an output row, unless the row isn't to begin any more or the worker gives up what runs.</summary>
internal sealed class RowRunner(RequestRunner requests, RowThrottle throttle, ServedModels models, WorkerSettings settings)
{
    /// <summary>Runs a row; null where it was to wait before it had begun.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<BatchOutputRow?> RunAsync(RowRun run, CancellationToken cancellationToken) => AnswerAsync(
        run,
        async (waiting, token) =>
        {
            var response = await throttle.RunAsync(run.Priority, () => AskAsync(run, token), waiting);

            // The engine fails all rows of a step: alone, only the one that is to blame fails again. Waiting for that may be given up too: many
            // such rows, one after the other, could take longer than a chunk may.
            return response.StatusCode == ErrorCodes.StatusCode(ErrorCodes.EngineFailure)
                ? await throttle.RunAloneAsync(() => AskAsync(run, token), waiting)
                : response;
        },
        cancellationToken);

    /// <summary>
    /// Runs a row of a chunk in which workers died, while nothing else is with the engine. A row on which they died several times so is
    /// given up.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<BatchOutputRow?> RunAloneAsync(RowRun run, AttemptLog attempts, CancellationToken cancellationToken) => AnswerAsync(
        run,
        async (waiting, token) => await throttle.RunAloneAsync(
            () => attempts.RunAsync(run.Row.Place.Identity, () => AskAsync(run, token), token), waiting),
        cancellationToken);

    private async Task<BatchOutputRow?> AnswerAsync(
        RowRun run, Func<CancellationToken, CancellationToken, Task<BatchRowResponse>> answer, CancellationToken cancellationToken)
    {
        var (line, place) = (run.Row.Line, run.Row.Place);
        var customId = place.Renamed?.CustomId ?? CustomIdReader.TryRead(line.Bytes.Span) ?? $"line-{line.Number}";
        using var span = RowSpan.Start(models.DefaultName);
        using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Stop.Ended);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(running.Token, run.Waiting);
        try
        {
            var response = await answer(waiting.Token, running.Token);
            return span.Finish(new BatchOutputRow { Id = place.Identity.RowId, CustomId = customId, Response = response });
        }
        catch (OperationCanceledException) when (run.Stop.Ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return span.Finish(new BatchOutputRow { Id = place.Identity.RowId, CustomId = customId, Error = ErrorOf(run.Stop.Reason!.Value) });
        }
        catch (OperationCanceledException) when (run.Waiting.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private Task<BatchRowResponse> AskAsync(RowRun run, CancellationToken cancellationToken)
    {
        var row = run.Row;
        return requests.RunAsync(
            () =>
            {
                var input = BatchRowParser.Parse(row.Line, settings.MaxLineBytes);
                return row.Place.Renamed?.DuplicateOfLine is { } first ? throw Duplicate(row.Line, input.CustomId, first) : input.Body;
            },
            row.Place.Identity,
            run.Priority,
            cancellationToken);
    }

    /// <summary>The refusal of a row whose name an earlier one has.</summary>
    internal static RequestRejectedException Duplicate(InputLine line, string customId, long first) => new(
        RequestErrorCodes.InvalidRequest,
        $"Line {line.Number} has the custom_id '{customId}', which line {first} has already; give each row a string of its own.",
        "custom_id");

    private static BatchRowError ErrorOf(StopReason reason)
    {
        var (code, message) = reason == StopReason.Expired
            ? (ErrorCodes.BatchExpired, "The batch's time ran out before this row was done; submit the row again.")
            : (ErrorCodes.BatchCancelled, "The batch was cancelled before this row was done.");
        return new BatchRowError { Code = code, Message = message };
    }
}
