using Dray.Inference.Checkpoints;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Compute.Cpu;

/// <summary>The conformance suite on paths that round inputs: quantised weights' to 16 bits, and bf16 weights' to bf16.</summary>
public abstract class AssembledConformance : BackendConformance
{
    protected virtual double QuantizedBound => 1e-4;

    protected override double PassBound => 3e-2;

    protected override double ProductBound(LinearSource source) => source switch
    {
        QuantizedLinear => QuantizedBound,
        DenseLinear { DataType: DataType.BFloat16 } => 4e-3,
        _ => base.ProductBound(source),
    };
}
