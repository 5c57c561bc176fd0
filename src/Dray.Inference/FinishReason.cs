namespace Dray.Inference;

/// <summary>Why generation ended, in OpenAI's words.</summary>
public enum FinishReason
{
    /// <summary>The model ended its turn, or a stop string or token was met (<c>stop</c>).</summary>
    Stop,

    /// <summary>The token limit or the context's end was met (<c>length</c>).</summary>
    Length,

    /// <summary>The model called tools (<c>tool_calls</c>).</summary>
    ToolCalls,
}
