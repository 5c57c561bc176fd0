namespace Dray.Inference.Sampling.Grammar;

/// <summary>Whether any text that holds no quote, backslash or control character may follow in a state of a grammar.</summary>
internal enum FreeText : byte
{
    /// <summary>No, or it isn't known.</summary>
    None,

    /// <summary>Yes, however long.</summary>
    Unlimited,

    /// <summary>Yes, as many characters as the innermost loop has rounds left.</summary>
    Counted,
}
