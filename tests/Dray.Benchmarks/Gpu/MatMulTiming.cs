using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Quantization.Evaluation;

namespace Dray.Benchmarks.Gpu;

/// <summary>Seconds of one matrix product.</summary>
/// <param name="Matrix">Which of the model's.</param>
/// <param name="Outputs">N.</param>
/// <param name="Inputs">K.</param>
/// <param name="Rows">M.</param>
/// <param name="WeightBytes">Bytes of the weights on the device.</param>
/// <param name="Seconds">Time of one product.</param>
internal sealed record MatMulTiming(string Matrix, int Outputs, int Inputs, int Rows, long WeightBytes, double Seconds)
{
    // Twice what the cache of an H100 holds: weights take turns, so that they come from memory as in a model.
    private const long TurnBytes = 128L << 20;

    /// <summary>Gets the operations.</summary>
    public double Flops => 2.0 * Rows * Outputs * Inputs;

    /// <summary>Gets the bytes that must be read and written at least, activations as float32.</summary>
    public double Bytes => WeightBytes + ((double)Rows * (Inputs + Outputs) * sizeof(float));

    /// <summary>Seconds that the device needs at least.</summary>
    /// <param name="bandwidth">Bytes per second.</param>
    /// <param name="peak">Operations per second; 0 if not known.</param>
    public double Roofline(double bandwidth, double peak) => Math.Max(Bytes / bandwidth, peak > 0 ? Flops / peak : 0);

    /// <summary>Times W4 products in groups of 128.</summary>
    public static IEnumerable<MatMulTiming> MeasureQuantized(IComputeBackend backend, DeviceClock clock, string name, int outputs, int inputs, int[] rows, bool isSmoke) =>
        Measure(backend, clock, name, new SyntheticQuantized(name, outputs, inputs, 128), rows, isSmoke);

    /// <summary>Times bf16 products.</summary>
    public static IEnumerable<MatMulTiming> MeasureDense(IComputeBackend backend, DeviceClock clock, string name, int outputs, int inputs, int[] rows, bool isSmoke) =>
        Measure(backend, clock, name, new SyntheticDense(name, outputs, inputs), rows, isSmoke);

    private static List<MatMulTiming> Measure(IComputeBackend backend, DeviceClock clock, string name, LinearSource source, int[] rows, bool isSmoke)
    {
        var weights = new List<WeightMatrix>();
        try
        {
            do weights.Add(backend.LoadMatrix([source]));
            while (!isSmoke && weights.Count * weights[0].Bytes < TurnBytes);
            using var x = backend.Allocate(rows.Max(), source.Inputs);
            using var y = backend.Allocate(rows.Max(), source.Outputs);
            return [.. rows.Select(count => new MatMulTiming(
                name, source.Outputs, source.Inputs, count, weights[0].Bytes,
                clock.Seconds(call => backend.MatMul(x.Take(count), weights[call % weights.Count], y.Take(count)))))];
        }
        finally
        {
            foreach (var weight in weights) weight.Dispose();
        }
    }
}
