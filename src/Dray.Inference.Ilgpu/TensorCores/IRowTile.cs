namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>How many rows of x a group takes, and the inline PTX for them: every member emits code.</summary>
internal interface IRowTile
{
    /// <summary>Gets the rows of the tile, divided by 8.</summary>
    int Octets { get; }

    /// <summary>Gets how many blocks of 128 inputs of x shared memory holds.</summary>
    int Stages { get; }

    /// <summary>Gets whether a group takes all segments of the inputs and keeps totals beside a segment's sums.</summary>
    bool HasTotals { get; }

    /// <summary>Declares the ring of stages and the registers of sums.</summary>
    void Declare();

    /// <summary>Begins a segment.</summary>
    void Clear();

    /// <summary>Multiplies 32 inputs: fragments of weights in a0..a15, x at the ring's offset <paramref name="address"/> (its octets 2 KiB apart).</summary>
    void Multiply(int address);

    /// <summary>Multiplies the sums by r0..r3.</summary>
    void Rescale();

    /// <summary>Begins the totals.</summary>
    void ClearTotal();

    /// <summary>Ends a segment.</summary>
    void AddTotal();

    /// <summary>Copies an octet's results to e0..e7.</summary>
    void Export(int octet);
}
