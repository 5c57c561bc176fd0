using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Dray.Worker.Http;

/// <summary>What the OpenAPI document says of <c>stream_options</c>.</summary>
internal sealed record StreamOptionsDocument
{
    [Description("Whether a last event tells the tokens used.")]
    [JsonPropertyName("include_usage")]
    public bool? IncludeUsage { get; init; }
}
