using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.TensorCores;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.Weights;

/// <summary>
/// A weight matrix on a device: in fragment order for tensor cores where device and layers allow, or else parts along the outputs, as few as the
/// layers' forms allow.
/// </summary>
internal sealed class IlgpuMatrix : WeightMatrix
{
    private readonly List<PortablePart> _parts = [];

    public IlgpuMatrix(Accelerator accelerator, AcceleratorStream stream, IReadOnlyList<LinearSource> layers)
        : base(layers.Sum(layer => layer.Outputs), layers[0].Inputs)
    {
        if (accelerator is CudaAccelerator) TensorCores = TensorCoreMatrix.Load(accelerator, stream, layers);
        if (TensorCores is not null) return;
        try
        {
            for (var first = 0; first < layers.Count;)
            {
                var packers = new List<PortablePacker> { new(layers[first]) };
                var outputs = layers[first].Outputs;
                var next = first + 1;
                for (; next < layers.Count && outputs % DevicePart.Width == 0; next++)
                {
                    var packer = new PortablePacker(layers[next]);
                    if (packer.Code != packers[0].Code || packer.GroupSize != packers[0].GroupSize) break;
                    packers.Add(packer);
                    outputs += layers[next].Outputs;
                }

                _parts.Add(new PortablePart(accelerator, stream, packers, outputs, Inputs));
                first = next;
            }
        }
        catch
        {
            Dispose(true);
            throw;
        }
    }

    /// <summary>Gets the matrix for tensor cores; null where it lies in <see cref="Parts"/>.</summary>
    public TensorCoreMatrix? TensorCores { get; }

    public IReadOnlyList<PortablePart> Parts => _parts;

    public override long Bytes => TensorCores?.Bytes ?? _parts.Sum(part => part.Bytes);

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        TensorCores?.Dispose();
        foreach (var part in _parts) part.Dispose();
    }
}
