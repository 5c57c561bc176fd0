namespace Dray.Inference.Compute.Cpu;

/// <summary>What the backward pass of attention reads and writes.</summary>
internal readonly struct AttentionGradientRows
{
    /// <summary>Gets the queries, [M, heads · headDim].</summary>
    public required RowView Queries { get; init; }

    /// <summary>Gets the keys, [M, kvHeads · headDim].</summary>
    public required RowView Keys { get; init; }

    /// <summary>Gets the values, [M, kvHeads · headDim].</summary>
    public required RowView Values { get; init; }

    /// <summary>Gets what came out, [M, heads · headDim].</summary>
    public required RowView Outputs { get; init; }

    /// <summary>Gets the logarithms of the softmax's sums, [M, heads].</summary>
    public required RowView LogSums { get; init; }

    /// <summary>Gets dL/d of the outputs.</summary>
    public required RowView OutputGradients { get; init; }

    /// <summary>Gets where dL/d of the queries goes.</summary>
    public required RowView QueryGradients { get; init; }

    /// <summary>Gets where dL/d of the keys goes.</summary>
    public required RowView KeyGradients { get; init; }

    /// <summary>Gets where dL/d of the values goes.</summary>
    public required RowView ValueGradients { get; init; }
}
