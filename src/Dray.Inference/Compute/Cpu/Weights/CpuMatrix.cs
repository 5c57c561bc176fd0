namespace Dray.Inference.Compute.Cpu;

/// <summary>A weight matrix as its packed parts, one after another along the outputs.</summary>
internal sealed class CpuMatrix(int inputs, PackedPart[] parts, MatrixSpan[] spans) : WeightMatrix(parts.Sum(part => part.Outputs), inputs)
{
    public PackedPart[] Parts { get; } = parts;

    /// <summary>Gets the parts in the spans in which they are multiplied.</summary>
    public MatrixSpan[] Spans { get; } = spans;

    public override long Bytes => Parts.Sum(part => part.Bytes);

    protected override void Dispose(bool disposing)
    {
        // Each block frees itself when it is finalised.
        if (!disposing) return;
        foreach (var part in Parts) part.Dispose();
    }
}
