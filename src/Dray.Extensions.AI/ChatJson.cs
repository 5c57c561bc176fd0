using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Dray.Extensions.AI;

/// <summary>How values of the caller's own types are written and read: as Microsoft.Extensions.AI does, on one line.</summary>
internal static class ChatJson
{
    /// <summary>Gets the options.</summary>
    public static JsonSerializerOptions Options { get; } = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };
}
