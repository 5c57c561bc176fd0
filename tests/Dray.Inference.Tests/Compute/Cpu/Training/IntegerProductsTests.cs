using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu.Training;

/// <summary>The three products of training against float64, over ragged numbers of rows and layers of several sizes.</summary>
public sealed class IntegerProductsTests
{
    private const int Zero = 8;

    public static TheoryData<ActivationPrecision, bool, int, int, int[]> Shapes()
    {
        var shapes = new TheoryData<ActivationPrecision, bool, int, int, int[]>();
        foreach (var precision in Enum.GetValues<ActivationPrecision>())
        {
            shapes.Add(precision, true, 1, 32, [32]);
            shapes.Add(precision, false, 7, 96, [64, 32]);
            shapes.Add(precision, false, 130, 128, [160, 64, 32]);
            shapes.Add(precision, true, 530, 64, [32, 288]);
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Products_AnyRows_AreThoseOfFloat64WithinTheRoundingOfIntegers(ActivationPrecision precision, bool isSymmetric, int rows, int inputs, int[] outputs)
    {
        if (CpuFeatures.OfThisProcess.Lack(CpuInstructionSet.Avx512Vnni) is not null) return;
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using var kernels = new TrainingKernels();
        var random = new Random(rows);
        var total = outputs.Sum();
        const int GroupSize = 32;
        var groups = inputs / GroupSize;
        var layers = outputs.Select(n => new CodedRows(n, Bytes(n * inputs), Scales(n * groups), Zeros(n * groups))).ToArray();
        var weights = layers.SelectMany(layer => layer.Codes.Select((code, i) => layer.Scales[i / GroupSize] * (code - layer.Zeros[i / GroupSize]))).ToArray();
        var products = new IntegerProducts(backend, kernels);
        using var codes = IntegerProducts.AllocateCodes(total, inputs, GroupSize, isSymmetric ? Zero : null);
        using var transposed = IntegerProducts.AllocateFactor(inputs, total);
        using var columns = IntegerProducts.AllocateFactor(inputs, rows);
        products.Pack(layers, GroupSize, codes, transposed);
        var (x, dy) = (Normal(rows * inputs), Normal(rows * total));
        using var xTensor = Upload(x, rows, inputs);
        using var dyTensor = Upload(dy, rows, total);
        using var y = backend.Allocate(rows, total);
        using var dx = backend.Allocate(rows, inputs);
        using var dw = backend.Allocate(total, inputs);

        products.Multiply(xTensor.View, codes, precision, y.View, accumulate: false);
        products.Multiply(dyTensor.View, transposed, ActivationPrecision.Bits8, dx.View, accumulate: false);
        products.Multiply(dyTensor.View, transposed, ActivationPrecision.Bits8, dx.View, accumulate: true);
        products.PackColumns(xTensor.View, columns);
        products.MultiplyColumns(dyTensor.View, columns, dw.View, accumulate: false);
        products.MultiplyColumns(dyTensor.View, columns, dw.View, accumulate: true);

        Compare(y, Product(rows, total, inputs, (m, k) => x[(m * inputs) + k], (n, k) => weights[(n * inputs) + k]), precision == ActivationPrecision.Bits16 ? 1e-4 : 0.02);
        Compare(dx, Product(rows, inputs, total, (m, n) => 2 * dy[(m * total) + n], (k, n) => weights[(n * inputs) + k]), 0.02);
        Compare(dw, Product(total, inputs, rows, (n, m) => 2 * dy[(m * total) + n], (k, m) => x[(m * inputs) + k]), 0.02);

        byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(16))];
        byte[] Zeros(int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)(isSymmetric ? Zero : random.Next(16)))];
        float[] Scales(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(Half)((random.NextSingle() - 0.5f) * 0.1f))];
        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        TensorBuffer Upload(float[] values, int count, int width)
        {
            var buffer = backend.Allocate(count, width);
            backend.Upload(values, buffer.View);
            return buffer;
        }

        void Compare(TensorBuffer actual, double[] expected, double tolerance)
        {
            var values = new float[expected.Length];
            backend.Download(actual.View, values);
            var (error, size) = (0.0, 0.0);
            for (var i = 0; i < values.Length; i++)
            {
                error += (values[i] - expected[i]) * (values[i] - expected[i]);
                size += expected[i] * expected[i];
            }

            Math.Sqrt(error / size).ShouldBeLessThan(tolerance);
        }
    }

    private static double[] Product(int rows, int columns, int depth, Func<int, int, double> a, Func<int, int, double> b)
    {
        var result = new double[rows * columns];
        for (var m = 0; m < rows; m++)
        {
            for (var n = 0; n < columns; n++)
            {
                for (var k = 0; k < depth; k++) result[(m * columns) + n] += a(m, k) * b(n, k);
            }
        }

        return result;
    }
}
