namespace Dray.Inference.Compute.Cpu;

/// <summary>Grouped-query attention over samples of equal length, one after another in the rows of the tensors.</summary>
/// <param name="Length">T, tokens of a sample.</param>
/// <param name="HeadDim">Width of a head.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads.</param>
internal readonly record struct CausalShape(int Length, int HeadDim, int Heads, int KvHeads)
{
    /// <summary>Query rows that scores are held of at a time.</summary>
    public const int BlockRows = 48;

    /// <summary>Gets the query heads of a key and value head.</summary>
    public int GroupHeads => Heads / KvHeads;

    /// <summary>Gets what a score is multiplied with to be an exponent of 2.</summary>
    public float ExponentScale => ScoreScale * 1.44269504f;

    /// <summary>Gets what a score is multiplied with.</summary>
    public float ScoreScale => 1 / MathF.Sqrt(HeadDim);
}
