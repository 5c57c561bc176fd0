using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Whose rows go first. Each has queues of its own; the engine takes waiting rows of a higher one before those of a lower.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobPriority>))]
public enum JobPriority
{
    /// <summary>Work that fills what others leave.</summary>
    [JsonStringEnumMemberName("low")]
    Low = -1,

    /// <summary>The default.</summary>
    [JsonStringEnumMemberName("normal")]
    Normal = 0,

    /// <summary>Work that somebody waits for.</summary>
    [JsonStringEnumMemberName("high")]
    High = 1,
}
