namespace Dray.Inference.Sampling.Grammar;

/// <summary>What the tokens of one answer must obey. It belongs to one sequence and is used on the engine's loop only.</summary>
public interface ITokenConstraint
{
    /// <summary>Gets whether the answer may end here.</summary>
    bool CanEnd { get; }

    /// <summary>Rules tokens out that may not follow: their logits become −∞. At least one token is left.</summary>
    /// <param name="logits">[vocabulary]</param>
    void Mask(Span<float> logits);

    /// <summary>Takes the token that was chosen.</summary>
    void Accept(int id);
}
