namespace Dray.Inference.Compute.Cpu;

/// <summary>A weight matrix as its packed parts, one after another along the outputs.</summary>
internal sealed class CpuMatrix(int inputs, PackedPart[] parts) : WeightMatrix(parts.Sum(part => part.Outputs), inputs)
{
    public PackedPart[] Parts { get; } = parts;

    public int Strips { get; } = parts.Sum(part => part.Strips);

    public override long Bytes => Parts.Sum(part => part.Bytes);

    protected override void Dispose(bool disposing)
    {
        // Each block frees itself when it is finalised.
        if (!disposing) return;
        foreach (var part in Parts) part.Dispose();
    }
}
