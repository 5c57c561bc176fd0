namespace Dray.Inference.Tokenization;

/// <summary>What becomes of special tokens when ids are turned into text.</summary>
public enum SpecialTokenPolicy
{
    /// <summary>They leave no text, but still end the bytes before them.</summary>
    Ignore,

    /// <summary>They are written by name, such as <c>[INST]</c>.</summary>
    Keep,
}
