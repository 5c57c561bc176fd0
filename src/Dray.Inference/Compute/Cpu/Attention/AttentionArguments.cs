namespace Dray.Inference.Compute.Cpu;

/// <summary>What <see cref="AttentionKernel{TSimd, TVec, TCode}"/> reads and writes for a tile of R query rows and 64 keys.</summary>
internal unsafe struct AttentionArguments
{
    /// <summary>Keys and values.</summary>
    public KvTile Tile;

    /// <summary>Tokens that the last row sees, 1 to 64.</summary>
    public int Tokens;

    /// <summary>Queries, interleaved: [key words · numbers in a word][R].</summary>
    public float* Queries;

    /// <summary>Scores, then probabilities: [R][64].</summary>
    public float* Scores;

    /// <summary>What a row's outputs so far are multiplied by.</summary>
    public float* Decays;

    /// <summary>Outputs, [R][<see cref="Width"/>].</summary>
    public float* Outputs;

    /// <summary>Width of a head, rounded up to 32.</summary>
    public int Width;
}
