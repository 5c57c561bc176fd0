using System.Text.Json;
using Dray.Contracts;

namespace Dray.Worker.Tests.Support;

/// <summary>What tests ask of an output row.</summary>
internal static class RowReading
{
    public static string? Content(this BatchOutputRow row) => row.Response!.Body.Deserialize<ChatCompletion>(ContractsJson.Options)!.Choices[0].Message.Content;

    public static ErrorBody Error(this BatchOutputRow row) => row.Response!.Body.Deserialize<ErrorResponse>(ContractsJson.Options)!.Error;
}
