namespace Dray.Inference;

/// <summary>The form of an answer's text.</summary>
public enum StructuredOutputKind
{
    /// <summary>Free text.</summary>
    Text,

    /// <summary>A JSON object.</summary>
    JsonObject,

    /// <summary>JSON that a schema allows.</summary>
    JsonSchema,

    /// <summary>Text that a regular expression matches as a whole.</summary>
    Regex,

    /// <summary>One of several texts.</summary>
    Choice,
}
