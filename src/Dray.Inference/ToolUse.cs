namespace Dray.Inference;

/// <summary>Whether an answer calls tools.</summary>
public enum ToolUse
{
    /// <summary>It may (<c>auto</c>).</summary>
    Auto,

    /// <summary>It may not (<c>none</c>).</summary>
    None,

    /// <summary>It must (<c>required</c>).</summary>
    Required,

    /// <summary>It must call a certain one.</summary>
    Named,
}
