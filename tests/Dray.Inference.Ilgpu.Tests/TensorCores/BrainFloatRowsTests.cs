using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.TensorCores;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Dray.Inference.Ilgpu.Tests.TensorCores;

public sealed class BrainFloatRowsTests : IDisposable
{
    private const int Rows = 3, Columns = 5, Words = 4;

    private readonly Context _context = Context.Create(builder => IlgpuDevices.Configure(builder).CPU(new CPUDevice(32, 8, 1)));
    private readonly Accelerator _accelerator;
    private readonly BrainFloatRows _rows;

    public BrainFloatRowsTests()
    {
        _accelerator = _context.CreateCPUAccelerator(0);
        _rows = new BrainFloatRows(_accelerator);
    }

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Fact]
    public void Run_StridedUnalignedTensor_RoundsToNearestEvenAndPads()
    {
        var x = Values(Columns);
        x[0] = 1f + (1f / 256);
        x[1] = 1f + (3f / 256);
        x[2] = float.NaN;
        x[3] = float.MaxValue;
        x[4] = float.NegativeInfinity;

        var words = Written(x, Columns, (tensor, target) => _rows.Run(_accelerator.DefaultStream, tensor, target, Words));

        words.ShouldBe(Expected(Columns, (row, column) => x[(row * Columns) + column]));
    }

    [Fact]
    public void RunNormed_Rows_AreNormsTimesGain()
    {
        var x = Values(Columns);
        var gain = Values(Columns);
        using var gains = _accelerator.Allocate1D(gain);

        var words = Written(x, Columns, (tensor, target) =>
            _rows.RunNormed(_accelerator.DefaultStream, tensor, new DeviceTensor(gains.View.BaseView, 1, Columns, Columns), 1e-5f, target, Words));

        ShouldBeClose(words, (row, column) =>
        {
            var squares = x.AsSpan(row * Columns, Columns).ToArray().Sum(value => (double)value * value);
            return (float)(x[(row * Columns) + column] / Math.Sqrt((squares / Columns) + 1e-5) * gain[column]);
        });
    }

    [Fact]
    public void RunGated_Rows_AreSiluOfGateTimesUp()
    {
        var x = Values(Columns * 2);

        var words = Written(x, Columns * 2, (tensor, target) => _rows.RunGated(_accelerator.DefaultStream, tensor, target, Words));

        ShouldBeClose(words, (row, column) =>
        {
            double gate = x[(row * Columns * 2) + column];
            return (float)(gate / (1 + Math.Exp(-gate)) * x[(row * Columns * 2) + Columns + column]);
        });
    }

    // A tensor with rows 3 further apart than they are wide, one element into its buffer.
    private uint[] Written(float[] x, int columns, Action<DeviceTensor, ArrayView<uint>> run)
    {
        var stride = columns + 3;
        var elements = new float[1 + (Rows * stride)];
        elements.AsSpan().Fill(float.NaN);
        for (var row = 0; row < Rows; row++) x.AsSpan(row * columns, columns).CopyTo(elements.AsSpan(1 + (row * stride)));
        using var source = _accelerator.Allocate1D(elements);
        using var target = _accelerator.Allocate1D<uint>(Rows * Words);
        target.View.MemSet(0xEE);
        run(new DeviceTensor(source.View.BaseView.SubView(1), Rows, columns, stride), target.View.BaseView);
        _accelerator.Synchronize();
        return target.GetAsArray1D();
    }

    private static uint[] Expected(int columns, Func<int, int, float> value) => [.. Enumerable.Range(0, Rows * Words).Select(at =>
    {
        uint Code(int column) => column < columns ? BrainFloat.Encode(value(at / Words, column)) : 0u;
        return Code(at % Words * 2) | (Code((at % Words * 2) + 1) << 16);
    })];

    private static void ShouldBeClose(uint[] words, Func<int, int, float> value)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Words * 2; column++)
            {
                var actual = BrainFloat.Decode((ushort)(words[(row * Words) + (column / 2)] >> (16 * (column & 1))));
                var expected = column < Columns ? value(row, column) : 0f;
                actual.ShouldBe(expected, Math.Abs(expected) / 255);
            }
        }
    }

    private static float[] Values(int columns)
    {
        var random = new Random(columns);
        return [.. Enumerable.Range(0, Rows * columns).Select(_ => (random.NextSingle() - 0.5f) * 6)];
    }
}
