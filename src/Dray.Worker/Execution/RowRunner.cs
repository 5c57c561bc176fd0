using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Input;

namespace Dray.Worker.Execution;

/// <summary>Runs one row of a batch: always gives an output row, unless the worker itself is stopping.</summary>
internal sealed class RowRunner(RequestRunner requests, RowThrottle throttle, WorkerSettings settings)
{
    /// <summary>Runs a row; <paramref name="renamed"/> is set where it has no usable <c>custom_id</c> of its own.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<BatchOutputRow> RunAsync(ChunkRow row, RenamedRow? renamed, BatchStop stop, CancellationToken cancellationToken)
    {
        var customId = renamed?.CustomId ?? CustomIdReader.TryRead(row.Line.Bytes.Span) ?? $"line-{row.Line.Number}";
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stop.Token);
        try
        {
            var response = await throttle.RunAsync(() => AnswerAsync(row, renamed, stop, linked.Token), linked.Token);

            // The engine fails all rows of a step: alone, only the one that is to blame fails again.
            if (response.StatusCode == ErrorCodes.StatusCode(ErrorCodes.EngineFailure))
                response = await throttle.RunAloneAsync(() => AnswerAsync(row, renamed, stop, linked.Token), linked.Token);
            return new BatchOutputRow { Id = row.Identity.RowId, CustomId = customId, Response = response };
        }
        catch (OperationCanceledException) when (stop.Reason is not null && !cancellationToken.IsCancellationRequested)
        {
            return new BatchOutputRow { Id = row.Identity.RowId, CustomId = customId, Error = ErrorOf(stop.Reason.Value) };
        }
    }

    private async Task<BatchRowResponse> AnswerAsync(ChunkRow row, RenamedRow? renamed, BatchStop stop, CancellationToken cancellationToken)
    {
        await stop.LookAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return await requests.RunAsync(
            () =>
            {
                var input = BatchRowParser.Parse(row.Line, settings.MaxLineBytes);
                return renamed?.DuplicateOfLine is { } first ? throw Duplicate(row.Line, input.CustomId, first) : input.Body;
            },
            row.Identity,
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
