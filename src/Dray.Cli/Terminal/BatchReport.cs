using System.Globalization;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Client;

namespace Dray.Cli.Terminal;

/// <summary>Where a batch is, in words.</summary>
internal static class BatchReport
{
    public static async Task WriteAsync(BatchSnapshot snapshot, TextWriter output)
    {
        var batch = snapshot.Batch;
        var counts = batch.RequestCounts;
        await output.WriteLineAsync($"{batch.Id}: {Word(batch.Status)}{Remark(snapshot)}");
        if (counts.Total > 0)
        {
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{snapshot.Done} of {counts.Total} rows done, {counts.Failed} failed; {batch.Usage.InputTokens} prompt and " +
                $"{batch.Usage.OutputTokens} completion tokens{Budget(snapshot)}"));
        }

        foreach (var error in batch.Errors?.Data ?? [])
            await output.WriteLineAsync(error.Line is { } line ? $"line {line}: {error.Message}" : error.Message);
        (string Name, long? Time)[] times =
        [
            ("created", batch.CreatedAt), ("begun", batch.InProgressAt), ("cancel asked", batch.CancellingAt), ("completed", batch.CompletedAt),
            ("cancelled", batch.CancelledAt), ("expired", batch.ExpiredAt), ("refused", batch.FailedAt),
            ("expires", snapshot.IsOver ? null : batch.ExpiresAt),
        ];
        await output.WriteLineAsync(string.Join(", ", times.Where(time => time.Time is not null).Select(time => $"{time.Name} {At(time.Time!.Value)}")));
    }

    /// <summary>A status as the Batch object has it.</summary>
    public static string Word(BatchStatus status) => JsonSerializer.Serialize(status).Trim('"');

    /// <summary>A time for people.</summary>
    public static string At(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Budget(BatchSnapshot snapshot) => snapshot.MaxTokensTotal is { } most
        ? string.Create(CultureInfo.InvariantCulture, $" of the {most} it may use")
        : "";

    private static string Remark(BatchSnapshot snapshot) => snapshot switch
    {
        { IsUploaded: false } => "; its upload was interrupted, submit the same again to go on",
        { IsSeen: false } => "; no worker has seen it yet",
        { Batch.Status: BatchStatus.Paused } => $"; 'dray resume {snapshot.Batch.Id}' goes on",
        { Batch.Status: BatchStatus.Incomplete } => $"; its tokens are used up, 'dray resume {snapshot.Batch.Id} --max-tokens-total N' goes on with more",
        _ => "",
    };
}
