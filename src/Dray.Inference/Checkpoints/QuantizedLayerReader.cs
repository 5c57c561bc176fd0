namespace Dray.Inference.Checkpoints;

/// <summary>Checks the tensors of a quantized layer against its scheme and against each other, and opens them.</summary>
internal static class QuantizedLayerReader
{
    /// <param name="store">The checkpoint's tensors.</param>
    /// <param name="config">Its quantization.</param>
    /// <param name="scheme">How this layer is stored.</param>
    /// <param name="module">Canonical name.</param>
    /// <param name="outputs">N by the model's shape.</param>
    /// <param name="inputs">K by the model's shape.</param>
    /// <param name="codes">The layer's <c>qweight</c>.</param>
    public static PackedLinear Read(
        TensorStore store, QuantizationConfig config, LayerScheme scheme, string module, int outputs, int inputs, StoredTensor codes)
    {
        if (!scheme.IsQuantized)
        {
            throw new CheckpointException(
                $"{codes.Described} is quantized, but quantization_config says {scheme.Bits} bits for this layer; expected a .weight.");
        }

        var isAwq = config.Packing == PackingFormat.Awq;
        var bits = scheme.Bits;
        var groupSize = scheme.GroupSize < 0 ? inputs : Math.Min(scheme.GroupSize, inputs);
        var groups = (inputs + groupSize - 1) / groupSize;
        if (isAwq && bits != 4)
            throw new CheckpointException($"{codes.Described} has {bits} bits by quantization_config; AWQ packing has 4 only.");
        if (inputs % 8 != 0 || (long)inputs * bits % 32 != 0 || (long)outputs * bits % 32 != 0)
        {
            throw new CheckpointException(
                $"{codes.Described} belongs to a layer of {outputs} outputs and {inputs} inputs, which {bits}-bit codes can't fill whole " +
                "words of; expected multiples of 32.");
        }

        DemandType(codes, DataType.Int32);
        DemandCodeShape(codes, isAwq, bits, outputs, inputs);
        var zeros = Part(store, module + ".qzeros");
        DemandType(zeros, DataType.Int32);
        DemandShape(zeros, $"group size {groupSize}", groups, outputs * bits / 32);
        var scales = Part(store, module + ".scales");
        if (scales.DataType is not (DataType.Float16 or DataType.BFloat16 or DataType.Float32))
            throw new CheckpointException($"{scales.Described} has dtype {scales.TypeName}, expected F16.");
        DemandShape(scales, $"group size {groupSize}", groups, outputs);
        if (store.Find(module + ".g_idx") is { } order) DemandPlainOrder(order, inputs, groupSize);

        codes.Opened = zeros.Opened = scales.Opened = true;
        var tensors = new PackedTensors(codes, zeros, scales, scales.DataType.Value);
        return isAwq
            ? new AwqLinear(module, outputs, inputs, groupSize, tensors)
            : new GptqLinear(module, outputs, inputs, bits, groupSize, tensors, config.Packing == PackingFormat.GptqZeroMinusOne);
    }

    private static StoredTensor Part(TensorStore store, string name) => store.Find(name) ?? throw new CheckpointException(
        $"Tensor {name} is missing, although the layer's qweight is there.");

    private static void DemandType(StoredTensor tensor, DataType type)
    {
        if (tensor.DataType != type)
            throw new CheckpointException($"{tensor.Described} has dtype {tensor.TypeName}, expected I32.");
    }

    private static void DemandCodeShape(StoredTensor codes, bool isAwq, int bits, int outputs, int inputs)
    {
        var (rows, columns) = isAwq ? (inputs, outputs / 8) : ((int)((long)inputs * bits / 32), outputs);
        if (codes.Shape is [var actualRows, var actualColumns] && actualRows == rows && actualColumns == columns) return;

        var implied = !isAwq && codes.Shape is [var found, var n] && n == outputs && found * 32 % inputs == 0
            ? $" The shape fits {found * 32 / inputs} bits: the layer's entry in quantization_config is wrong or missing."
            : "";
        throw new CheckpointException(
            $"{codes.Described} has shape {codes.ShapeText}, expected [{rows}, {columns}] for [{outputs}, {inputs}] at {bits} bits." +
            implied);
    }

    private static void DemandShape(StoredTensor tensor, string reason, int rows, int columns)
    {
        if (tensor.Shape is not [var actualRows, var actualColumns] || actualRows != rows || actualColumns != columns)
            throw new CheckpointException($"{tensor.Described} has shape {tensor.ShapeText}, expected [{rows}, {columns}] for {reason}.");
    }

    private static void DemandPlainOrder(StoredTensor order, int inputs, int groupSize)
    {
        DemandType(order, DataType.Int32);
        if (order.Shape is not [var length] || length != inputs)
            throw new CheckpointException($"{order.Described} has shape {order.ShapeText}, expected [{inputs}].");

        order.Opened = true;
        var bytes = new byte[order.Length];
        order.Read(0, bytes);
        for (var k = 0; k < inputs; k++)
        {
            var group = BitConverter.ToInt32(bytes, k * sizeof(int));
            if (group != k / groupSize)
            {
                throw new CheckpointException(
                    $"{order.Described} puts input {k} into group {group}, expected {k / groupSize}: groups of reordered inputs " +
                    "(desc_act) are not supported.");
            }
        }
    }
}
