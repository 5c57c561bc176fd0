using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests;

/// <summary>Runs of the quantizer in tests.</summary>
internal static class QuantizerRun
{
    /// <summary>Rounding to nearest in 4 bits and groups of 32.</summary>
    public static QuantizationOptions Options => QuantizationRecipes.Of("rtn") with { Scheme = new WeightScheme(4, 32, true) };

    /// <summary>Rounds a checkpoint to nearest.</summary>
    public static QuantizationReport Of(string source, string output, QuantizationOptions? options = null, bool resumes = false, bool overwrites = false)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        return new Quantizer(source, output, options ?? Options, backend, (_, _) => new RoundToNearestQuantizer(backend)) { Resumes = resumes, Overwrites = overwrites }
            .Run(cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>A matrix of a checkpoint, dequantised, [N, K].</summary>
    public static float[] Rows(Checkpoint checkpoint, string module)
    {
        var (outputs, inputs) = checkpoint.Matrices[module];
        var rows = new float[outputs * inputs];
        checkpoint.Linear(module).ReadRows(0, outputs, rows);
        return rows;
    }

    /// <summary>A tensor's bytes.</summary>
    public static byte[] Bytes(StoredTensor tensor)
    {
        var bytes = new byte[tensor.Length];
        tensor.Read(0, bytes);
        return bytes;
    }
}
