using System.Runtime.CompilerServices;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>
/// Reads what became of the rows of a firing's batch, in the plan's order: both files of a batch have its rows in input order, so that one row
/// of each is in memory.
/// </summary>
internal sealed class CaptionReader : IAsyncDisposable
{
    private readonly IAsyncEnumerator<BatchOutputRow>[] _files;

    private CaptionReader(IAsyncEnumerator<BatchOutputRow>[] files) => _files = files;

    /// <summary>Opens the files of a batch.</summary>
    /// <param name="store">The store.</param>
    /// <param name="manifest">The batch's manifest, or null where it has none and no row an answer.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<CaptionReader> OpenAsync(IBlobStore store, BatchManifest? manifest, CancellationToken cancellationToken)
    {
        var files = new List<IAsyncEnumerator<BatchOutputRow>>();
        foreach (var path in manifest is null ? (string[])[] : [manifest.Output.Path, manifest.Errors.Path])
        {
            var rows = ReadAsync(store, path, cancellationToken).GetAsyncEnumerator(cancellationToken);
            if (await rows.MoveNextAsync()) files.Add(rows);
            else await rows.DisposeAsync();
        }

        return new CaptionReader([.. files]);
    }

    /// <summary>What became of the next row, or null where it never ran: its turn is the next firing's.</summary>
    public async Task<PictureCaption?> TakeAsync(string customId, bool wantsJson)
    {
        foreach (var rows in _files)
        {
            if (rows.Current is not { } row || row.CustomId != customId) continue;
            await rows.MoveNextAsync();
            return CaptionOf(row, wantsJson);
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var rows in _files) await rows.DisposeAsync();
    }

    private static PictureCaption? CaptionOf(BatchOutputRow row, bool wantsJson)
    {
        var caption = new PictureCaption { Path = "", CustomId = row.CustomId };
        if (row.Response is not { } response) return null;
        if (!row.IsSuccess)
        {
            var error = response.Body.Deserialize<ErrorResponse>(ContractsJson.Options)?.Error;
            return caption with { Error = new CaptionError(error?.Code ?? ErrorCodes.EngineFailure, error?.Message ?? "The row failed.") };
        }

        var completion = response.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!;
        var text = completion.Choices[0].Message.Content ?? "";
        caption = caption with { Model = completion.Model, Usage = completion.Usage, Answer = JsonSerializer.SerializeToElement(text) };
        if (!wantsJson) return caption;
        try
        {
            return caption with { Answer = JsonElement.Parse(text) };
        }
        catch (JsonException)
        {
            const string Cut = "The answer isn't whole JSON: it was cut at max_tokens; raise max_tokens in the schedule.";
            return caption with { Error = new CaptionError(ErrorCodes.SchemaInvalid, Cut) };
        }
    }

    private static async IAsyncEnumerable<BatchOutputRow> ReadAsync(
        IBlobStore store, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
        await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(stream, cancellationToken: cancellationToken))
            yield return BlobJson.Read<BatchOutputRow>(line.Bytes.Span, path);
    }
}
