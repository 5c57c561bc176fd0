namespace Dray.Inference.Compute.Cpu;

/// <summary>A number of tile rows known to the JIT, so that one source gives a kernel for each.</summary>
internal interface IRowCount
{
    static abstract int Value { get; }
}
