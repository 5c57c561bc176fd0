namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Keys and values of one head by position.</summary>
internal interface IKeyValueSource
{
    /// <summary>Where a position's key begins.</summary>
    long KeyAt(int position);

    /// <summary>Dimensions d … d + 3 of the key; beyond the head they are 0.</summary>
    Quad Key(long at, int d);

    /// <summary>What a key's product with a query is multiplied by.</summary>
    float KeyScale(int position);

    /// <summary>Dimension d of the values of four positions from a multiple of four; those beyond the last position may be anything.</summary>
    Quad Values(int position, int d);

    /// <summary>What a position's value is multiplied by.</summary>
    float ValueScale(int position);
}
