using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Support;

/// <summary>What tests ask of an output row.</summary>
internal static class RowReading
{
    public static string? Content(this BatchOutputRow row) => row.Response!.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!.Choices[0].Message.Content;

    public static ErrorBody Error(this BatchOutputRow row) => row.Response!.Body.Deserialize<ErrorResponse>(ContractsJson.Options)!.Error;

    /// <summary>All rows of a blob.</summary>
    public static async Task<BatchOutputRow[]> RowsAsync(this IBlobStore store, string path, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await store.OpenReadAsync(path, cancellationToken: cancellationToken));
        var text = await reader.ReadToEndAsync(cancellationToken);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<BatchOutputRow>(line, ContractsJson.Options)!)];
    }
}
