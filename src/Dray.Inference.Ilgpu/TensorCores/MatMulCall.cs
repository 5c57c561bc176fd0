namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>What a launch of <see cref="TensorCoreKernel"/> works on. Addresses are of device memory, multiples of 16 but for y (4).</summary>
internal readonly struct MatMulCall
{
    /// <summary>x as bf16, [M, 128 · <see cref="Blocks"/>].</summary>
    public required long X { get; init; }

    /// <summary>Weights in fragment order.</summary>
    public required long Weights { get; init; }

    /// <summary>Their scales.</summary>
    public required long Scales { get; init; }

    /// <summary>y, float32.</summary>
    public required long Y { get; init; }

    /// <summary>Where groups keep the sums of their segments.</summary>
    public required long Partials { get; init; }

    /// <summary>Bytes between rows of y.</summary>
    public required long RowBytes { get; init; }

    /// <summary>M.</summary>
    public required int Rows { get; init; }

    /// <summary>N.</summary>
    public required int Outputs { get; init; }

    /// <summary>Blocks of 128 inputs.</summary>
    public required int Blocks { get; init; }

    /// <summary>Blocks of a segment.</summary>
    public required int SegmentBlocks { get; init; }

    /// <summary>1 to add to y.</summary>
    public required int Accumulate { get; init; }
}
