namespace Dray.Inference.Tokenization;

/// <summary>The version of a Tekken tokenizer, which decides how a chat is written.</summary>
public enum TekkenVersion
{
    /// <summary>System prompt inside the last user turn; calls and results as JSON.</summary>
    V3 = 3,

    /// <summary>System prompt between tokens of its own; results after <c>[TOOL_CONTENT]</c>.</summary>
    V7 = 7,

    /// <summary>One <c>[TOOL_CALLS]</c> per call, with <c>[CALL_ID]</c> and <c>[ARGS]</c> (Mistral Small 3.1 and 3.2).</summary>
    V11 = 11,

    /// <summary>As V11 without ids, tools before the first user turn, reasoning.</summary>
    V13 = 13,
}
