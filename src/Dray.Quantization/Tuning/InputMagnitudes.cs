using System.Numerics.Tensors;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Quantization.Tuning;

/// <summary>How much each input of a block's linear layers matters: the sum of its squares over all tokens.</summary>
internal sealed class InputMagnitudes(TextConfig config)
{
    private readonly float[] _attention = new float[config.HiddenSize];
    private readonly float[] _output = new float[config.Heads * config.HeadDim];
    private readonly float[] _feedForward = new float[config.HiddenSize];
    private readonly float[] _down = new float[config.IntermediateSize];

    /// <summary>The sums of a layer's inputs, [K], by its place in the order q, k, v, o, gate, up, down.</summary>
    public float[] Of(int layer) => layer switch
    {
        <= 2 => _attention,
        3 => _output,
        <= 5 => _feedForward,
        _ => _down,
    };

    /// <summary>Adds what the layers got in the last forward pass over <paramref name="rows"/> rows.</summary>
    public void Add(BlockPass pass, int rows)
    {
        foreach (var layer in (ReadOnlySpan<int>)[0, 3, 4, 6])
        {
            var (input, sums) = (pass.InputOf(layer, rows), Of(layer));
            for (var row = 0; row < rows; row++)
            {
                var values = HostTensorBuffer.RowSpan(input, row);
                TensorPrimitives.MultiplyAdd(values, values, sums, sums);
            }
        }
    }
}
