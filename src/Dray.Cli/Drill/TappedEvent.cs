using System.Text.Json;

namespace Dray.Cli.Drill;

/// <summary>An event as a subscriber got it.</summary>
/// <param name="Kind">The type's name, such as <c>BatchCompleted</c>.</param>
/// <param name="MessageId">The message's id, or null where it has none.</param>
/// <param name="Body">Its content.</param>
internal sealed record TappedEvent(string Kind, string? MessageId, JsonElement Body)
{
    /// <summary>Gets the batch that it is about, or null where it is about a job.</summary>
    public string? BatchId => Body.TryGetProperty("batch_id", out var id) ? id.GetString() : null;
}
