using System.Globalization;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Export;

/// <summary>Reads a decoder block's weights and refuses what can't be quantized.</summary>
internal static class BlockReader
{
    /// <summary>Twice this is fp16's greatest number, so that no group's range is too wide for its scale.</summary>
    private const float GreatestWeight = 32_752;

    /// <summary>Reads a block.</summary>
    /// <exception cref="CheckpointException">A weight is missing, or is no finite number.</exception>
    public static DecoderBlock Read(Checkpoint source, int block, IReadOnlyList<PlannedLayer> layers)
    {
        var prefix = $"{ModuleNames.Decoder}layers.{block}.";
        var hidden = source.Config.Text.HiddenSize;
        return new DecoderBlock(
            block,
            [.. layers.Select(layer => ReadLayer(source, layer))],
            source.Vector(prefix + "input_layernorm", hidden),
            source.Vector(prefix + "post_attention_layernorm", hidden));
    }

    /// <summary>Reads a layer.</summary>
    /// <exception cref="CheckpointException">A weight is no finite number, or too great for fp16 scales.</exception>
    public static BlockLayer ReadLayer(Checkpoint source, PlannedLayer layer)
    {
        var weight = new float[checked(layer.Outputs * layer.Inputs)];
        var linear = source.Linear(layer.Module);
        linear.ReadRows(0, layer.Outputs, weight);
        var (low, high) = GroupKernel.Range(weight);

        // NaN is neither.
        if (low >= -GreatestWeight && high <= GreatestWeight)
            return new BlockLayer(layer.Name, layer.Outputs, layer.Inputs, weight, layer.Scheme, ((DenseLinear)linear).DataType);
        var place = Array.FindIndex(weight, value => !(Math.Abs(value) <= GreatestWeight));
        throw new CheckpointException(string.Create(
            CultureInfo.InvariantCulture,
            $"{source.Folder}: weight [{place / layer.Inputs}, {place % layer.Inputs}] of {layer.StoredName} is {weight[place]}, which can't be quantized; " +
            $"the checkpoint may be damaged."));
    }
}
