using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>
/// One line of <c>output.jsonl</c> (rows that succeeded) or <c>errors.jsonl</c> (rows that failed), in OpenAI's batch format.
/// Every input row gives exactly one line in exactly one of the files, both in input order.
/// <para>
/// A row succeeded where <see cref="Error"/> is null and the status is 200 to 299: <see cref="IsSuccess"/>. A row that was refused
/// or on which the engine failed has a 4xx or 5xx <see cref="Response"/> whose body is <c>{"error":{...}}</c>. <see cref="Error"/>
/// is set, with no response, only for rows that never ran: <c>batch_cancelled</c> and <c>batch_expired</c>.
/// </para>
/// <para>
/// A row without a usable <c>custom_id</c> of its own (none, not a string, empty, too long, already used, or a line that isn't
/// JSON) is refused and gets <c>line-N</c> for the line it is on, so that every <c>custom_id</c> occurs once over both files.
/// </para>
/// </summary>
public sealed record BatchOutputRow
{
    /// <summary>Gets the row's id, derived from the batch and the row's place in it: the same on every run.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Gets the <c>custom_id</c> of the input row.</summary>
    [JsonPropertyName("custom_id")]
    public required string CustomId { get; init; }

    /// <summary>Gets what an HTTP call would have answered, or null where the row never ran.</summary>
    [JsonPropertyName("response")]
    public BatchRowResponse? Response { get; init; }

    /// <summary>Gets why the row never ran, or null.</summary>
    [JsonPropertyName("error")]
    public BatchRowError? Error { get; init; }

    /// <summary>Gets a value indicating whether the row has an answer.</summary>
    [JsonIgnore]
    public bool IsSuccess => Error is null && Response is { StatusCode: >= 200 and < 300 };
}
