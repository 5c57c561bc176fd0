using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Packs layers' weights into a right-hand factor [K, N], whose depth runs along the outputs: they are dequantised, and quantised to int8 anew
/// with a scale per input and segment of outputs.
/// </summary>
/// <param name="layers">The layers, in the order of the outputs.</param>
/// <param name="groupSize">Inputs that share a scale, a multiple of 32.</param>
/// <param name="part">The factor.</param>
/// <param name="workspace">Room for each thread.</param>
internal readonly unsafe struct TransposedCodePackJob(CodedRows[] layers, int groupSize, PackedPart part, Workspace workspace) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        var panel = workspace.Own(share.Thread, IntegerProducts.Depth * ColumnPackJob.Columns);
        foreach (var (first, end) in share.Of(ColumnPackJob.Items(part)))
        {
            for (var item = first; item < end; item++)
            {
                foreach (ref readonly var segment in part.Segments.AsSpan())
                {
                    Dequantize(segment.FirstInput, segment.Length, item * ColumnPackJob.Columns, panel);
                    ColumnPackJob.Pack(panel, ColumnPackJob.Columns, item, segment, part);
                }
            }
        }
    }

    /// <summary>Writes [count, 64] weights of outputs from <paramref name="output"/> and 64 inputs, or the last 32, from <paramref name="input"/> on.</summary>
    private void Dequantize(int output, int count, int input, float* panel)
    {
        var layer = 0;
        for (; output >= layers[layer].Outputs; layer++) output -= layers[layer].Outputs;
        while (count > 0)
        {
            var rows = Math.Min(count, layers[layer].Outputs - output);
            Dequantize(layers[layer++], output, rows, input, panel);
            panel += rows * ColumnPackJob.Columns;
            (output, count) = (0, count - rows);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Dequantize(CodedRows layer, int output, int count, int input, float* panel)
    {
        // What are outputs of the factor are the layer's inputs.
        var inputs = part.Outputs;
        var (groups, lanes) = ((inputs + groupSize - 1) / groupSize, Vector512<float>.Count);
        fixed (byte* codes = layer.Codes, zeros = layer.Zeros)
        fixed (float* scales = layer.Scales)
        {
            for (var column = 0; column < Math.Min(ColumnPackJob.Columns, inputs - input); column += WeightStrip.Width)
            {
                var source = codes + ((nint)output * inputs) + input + column;
                var group = ((nint)output * groups) + ((input + column) / groupSize);
                var target = panel + column;
                for (var n = 0; n < count; n++, source += inputs, group += groups, target += ColumnPackJob.Columns)
                {
                    var (factor, offset) = (Vector512.Create(scales[group]), Vector512.Create((int)zeros[group]));
                    (Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(source)) - offset) * factor).Store(target);
                    (Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(source + lanes)) - offset) * factor).Store(target + lanes);
                }
            }
        }
    }
}
