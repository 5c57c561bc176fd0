using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Where a batch is, in OpenAI's words.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchStatus>))]
public enum BatchStatus
{
    /// <summary>The input is being read.</summary>
    [JsonStringEnumMemberName("validating")]
    Validating,

    /// <summary>The input was refused as a whole.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Rows are being answered.</summary>
    [JsonStringEnumMemberName("in_progress")]
    InProgress,

    /// <summary>All rows are done; the output files are being put together.</summary>
    [JsonStringEnumMemberName("finalizing")]
    Finalizing,

    /// <summary>The output files are in the store.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Time ran out; rows that had finished are in the output.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    /// <summary>A cancel request is being carried out.</summary>
    [JsonStringEnumMemberName("cancelling")]
    Cancelling,

    /// <summary>Cancelled; rows that had finished are in the output.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,

    /// <summary>Resting until somebody resumes it; a word of Dray's, not of OpenAI's.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    /// <summary>Stopped because its tokens were used up; it can be resumed with more. A word of Dray's, not of OpenAI's.</summary>
    [JsonStringEnumMemberName("incomplete")]
    Incomplete,
}
