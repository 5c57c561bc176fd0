using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Page.Rows;

/// <summary>Why a row has no answer: an error in its place, or one that it was answered with.</summary>
internal static class RowError
{
    private const string UnknownCode = "unknown_error";

    /// <summary>The code, or null where the row succeeded.</summary>
    public static string? CodeOf(BatchOutputRow row)
    {
        if (row.IsSuccess) return null;
        var (code, _) = Of(row);

        // Codes are few, so rows that share one share its text.
        return string.IsInterned(code) ?? code;
    }

    /// <summary>The code, and a sentence.</summary>
    public static (string Code, string Message) Of(BatchOutputRow row)
    {
        if (row.Error is { } error) return (error.Code, error.Message);
        try
        {
            if (row.Response is { Body.ValueKind: JsonValueKind.Object } response
                && response.Body.Deserialize<ErrorResponse>(ContractsJson.Options) is { Error: { } body })
                return (body.Code ?? UnknownCode, body.Message);
        }
        catch (JsonException)
        {
            // Then there is nothing more to say than that it failed.
        }

        return (UnknownCode, $"The row was answered with status {row.Response?.StatusCode ?? 0}.");
    }
}
