using System.Text.Json.Serialization;

namespace Dray.Extensions.AI.Tests;

/// <summary>What the demo model says a text is about.</summary>
internal sealed record Topic([property: JsonPropertyName("topic")] string Name);
