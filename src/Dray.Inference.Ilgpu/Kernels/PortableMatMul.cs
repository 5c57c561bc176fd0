using Dray.Inference.Ilgpu.Weights;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary>
/// <c>y[M, N] = x[M, K] · Wᵀ</c> for every kind of weight on every device, in float32. A group takes a strip of outputs and one or eight rows: a
/// thread adds up, for one output, every <see cref="Slices"/>-th word of the inputs; the slices are then added in order. A row's sum
/// is the same whatever tile it is in.
/// </summary>
/// <remarks>Reads each weight once per eight rows and each x once per strip: bound by memory for few rows, by loads of x for many.</remarks>
internal sealed class PortableMatMul
{
    /// <summary>Parts that the inputs of an output are divided into.</summary>
    public const int Slices = 8;

    private const int TileRows = Slices;

    private const int Sums = DevicePart.Width * Slices;

    private readonly Lazy<Action<AcceleratorStream, KernelConfig, DeviceTensor, DevicePart, DeviceTensor, int>>[] _one;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, DeviceTensor, DevicePart, DeviceTensor, int>>[] _eight;

    public PortableMatMul(Accelerator accelerator)
    {
        _one = [Load(OneRow<Nibbles>), Load(OneRow<Octets>), Load(OneRow<BrainFloats>), Load(OneRow<Floats>)];
        _eight = [Load(EightRows<Nibbles>), Load(EightRows<Octets>), Load(EightRows<BrainFloats>), Load(EightRows<Floats>)];
        Lazy<Action<AcceleratorStream, KernelConfig, DeviceTensor, DevicePart, DeviceTensor, int>> Load(Action<DeviceTensor, DevicePart, DeviceTensor, int> kernel) =>
            new(() => accelerator.LoadKernel(kernel, KernelAttribute.BoundsOf(kernel)));
    }

    public void Run(AcceleratorStream stream, DeviceTensor x, WeightCode code, DevicePart part, DeviceTensor y, bool accumulate)
    {
        var strips = (part.Outputs + DevicePart.Width - 1) / DevicePart.Width;
        var tiles = x.Rows == 1 ? 1 : Math.Min((x.Rows + TileRows - 1) / TileRows, 65535);
        var config = new KernelConfig(new Index3D(strips, tiles, 1), new Index3D(DevicePart.Width, Slices, 1));
        (x.Rows == 1 ? _one : _eight)[(int)code].Value(stream, config, x, part, y, accumulate ? 1 : 0);
    }

    [Kernel(MaxThreads = Sums, Traits = KernelTraits.Hot)]
    internal static void OneRow<TCode>(DeviceTensor x, DevicePart part, DeviceTensor y, int accumulate)
        where TCode : struct, IWeightCode
    {
        TCode code = default;
        var sums = SharedMemory.Allocate<float>(Sums);
        var output = (Grid.IdxX * DevicePart.Width) + Group.IdxX;
        var words = (long)Grid.IdxX * part.WordsPerOutput * DevicePart.Width;
        var sum = 0f;
        for (var word = Group.IdxY; word < part.WordsPerOutput; word += Slices)
        {
            var group = word / part.WordsPerGroup;
            var first = (group * part.GroupSize) + ((word - (group * part.WordsPerGroup)) * code.PerWord);
            var count = Math.Min(code.PerWord, Math.Min((group + 1) * part.GroupSize, part.Inputs) - first);
            var bits = part.Words[words + ((long)word * DevicePart.Width) + Group.IdxX];
            var (scale, zero) = ScaleOf<TCode>(part, group);
            var dot = 0f;
            for (var j = 0; j < count; j++) dot += (code.Decode(bits, j) - zero) * x.Data[first + j];
            sum += scale * dot;
        }

        sums[(Group.IdxY * DevicePart.Width) + Group.IdxX] = sum;
        Group.Barrier();
        if (Group.IdxY == 0 && output < part.Outputs) Store(sums, y, 0, 0, output, accumulate);
    }

    [Kernel(MaxThreads = Sums, Traits = KernelTraits.Hot)]
    internal static void EightRows<TCode>(DeviceTensor x, DevicePart part, DeviceTensor y, int accumulate)
        where TCode : struct, IWeightCode
    {
        TCode code = default;
        var sums = SharedMemory.Allocate<float>(TileRows * Sums);
        var output = (Grid.IdxX * DevicePart.Width) + Group.IdxX;
        var words = (long)Grid.IdxX * part.WordsPerOutput * DevicePart.Width;
        for (var row = Grid.IdxY * TileRows; row < x.Rows; row += Grid.DimY * TileRows)
        {
            // Rows beyond the last repeat it.
            var last = x.Rows - 1;
            var x0 = (long)row * x.Stride;
            var x1 = (long)Math.Min(row + 1, last) * x.Stride;
            var x2 = (long)Math.Min(row + 2, last) * x.Stride;
            var x3 = (long)Math.Min(row + 3, last) * x.Stride;
            var x4 = (long)Math.Min(row + 4, last) * x.Stride;
            var x5 = (long)Math.Min(row + 5, last) * x.Stride;
            var x6 = (long)Math.Min(row + 6, last) * x.Stride;
            var x7 = (long)Math.Min(row + 7, last) * x.Stride;
            RowSums sum = default;
            for (var word = Group.IdxY; word < part.WordsPerOutput; word += Slices)
            {
                var group = word / part.WordsPerGroup;
                var first = (group * part.GroupSize) + ((word - (group * part.WordsPerGroup)) * code.PerWord);
                var count = Math.Min(code.PerWord, Math.Min((group + 1) * part.GroupSize, part.Inputs) - first);
                var bits = part.Words[words + ((long)word * DevicePart.Width) + Group.IdxX];
                var (scale, zero) = ScaleOf<TCode>(part, group);
                RowSums dot = default;
                for (var j = 0; j < count; j++)
                {
                    var weight = code.Decode(bits, j) - zero;
                    var k = first + j;
                    dot.A0 += weight * x.Data[x0 + k];
                    dot.A1 += weight * x.Data[x1 + k];
                    dot.A2 += weight * x.Data[x2 + k];
                    dot.A3 += weight * x.Data[x3 + k];
                    dot.A4 += weight * x.Data[x4 + k];
                    dot.A5 += weight * x.Data[x5 + k];
                    dot.A6 += weight * x.Data[x6 + k];
                    dot.A7 += weight * x.Data[x7 + k];
                }

                sum.A0 += scale * dot.A0;
                sum.A1 += scale * dot.A1;
                sum.A2 += scale * dot.A2;
                sum.A3 += scale * dot.A3;
                sum.A4 += scale * dot.A4;
                sum.A5 += scale * dot.A5;
                sum.A6 += scale * dot.A6;
                sum.A7 += scale * dot.A7;
            }

            var at = (Group.IdxY * DevicePart.Width) + Group.IdxX;
            sums[at] = sum.A0;
            sums[at + Sums] = sum.A1;
            sums[at + (2 * Sums)] = sum.A2;
            sums[at + (3 * Sums)] = sum.A3;
            sums[at + (4 * Sums)] = sum.A4;
            sums[at + (5 * Sums)] = sum.A5;
            sums[at + (6 * Sums)] = sum.A6;
            sums[at + (7 * Sums)] = sum.A7;
            Group.Barrier();

            // There are as many slices as rows: each slice's threads finish one row.
            if (row + Group.IdxY < x.Rows && output < part.Outputs) Store(sums, y, Group.IdxY, row + Group.IdxY, output, accumulate);
            Group.Barrier();
        }
    }

    private static (float Scale, float Zero) ScaleOf<TCode>(DevicePart part, int group)
        where TCode : struct, IWeightCode
    {
        TCode code = default;
        if (!code.IsQuantized) return (1f, 0f);
        var at = ((((long)Grid.IdxX * part.Groups) + group) * DevicePart.Width) + Group.IdxX;
        return (part.Scales[at], part.Zeros[at]);
    }

    /// <summary>Adds the slices of a row of the tile up in order and writes its output.</summary>
    private static void Store(ArrayView<float> sums, DeviceTensor y, int tileRow, int row, int output, int accumulate)
    {
        var at = (tileRow * Sums) + Group.IdxX;
        var total = sums[at];
        for (var slice = 1; slice < Slices; slice++) total += sums[at + (slice * DevicePart.Width)];
        y[row, output] = accumulate == 0 ? total : y[row, output] + total;
    }
}
