using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu.Training;

/// <summary>The backward passes against central differences of the forward ones in float64, over ragged shapes and on each instruction set.</summary>
public sealed class TrainingOperationsTests
{
    private const double Step = 1e-5;
    private const float Epsilon = 1e-5f;

    public static IEnumerable<CpuInstructionSet> Paths => CpuFeatures.OfThisProcess.Available.Where(path => path <= CpuInstructionSet.Avx512);

    public static TheoryData<CpuInstructionSet, int, int, int, int, int> AttentionShapes()
    {
        var shapes = new TheoryData<CpuInstructionSet, int, int, int, int, int>();
        foreach (var path in Paths)
        {
            shapes.Add(path, 1, 1, 1, 1, 8);
            shapes.Add(path, 3, 5, 4, 2, 6);
            shapes.Add(path, 2, 48, 2, 2, 64);
            shapes.Add(path, 2, 67, 6, 2, 20);
            shapes.Add(path, 1, 131, 3, 1, 72);
        }

        return shapes;
    }

    public static TheoryData<CpuInstructionSet, int, int> Rows()
    {
        var shapes = new TheoryData<CpuInstructionSet, int, int>();
        foreach (var path in Paths)
        {
            shapes.Add(path, 1, 1);
            shapes.Add(path, 3, 21);
            shapes.Add(path, 40, 64);
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(AttentionShapes))]
    public void CausalAttention_ForwardAndBackward_AreThoseOfFloat64(CpuInstructionSet path, int samples, int length, int heads, int kvHeads, int headDim)
    {
        var shape = new CausalShape(length, headDim, heads, kvHeads);
        var (rows, queries, keys) = (samples * length, heads * headDim, kvHeads * headDim);
        var random = new Random(length);
        var (q, k, v, dy) = (Normal(random, rows * queries), Normal(random, rows * keys), Normal(random, rows * keys), Normal(random, rows * queries));
        using var backend = new CpuBackend(new CpuBackendOptions { InstructionSet = path, Threads = 2 });
        using var operations = TrainingOperations.For(backend);
        using var input = backend.Allocate(rows, queries + (2 * keys));
        using var gradient = backend.Allocate(rows, queries + (2 * keys));
        using var output = backend.Allocate(rows, queries);
        using var logSums = backend.Allocate(rows, heads);
        using var outputGradient = Upload(backend, dy, rows);
        var (tq, tk, tv) = Split(input.View);
        var (dq, dk, dv) = Split(gradient.View);
        backend.Upload(q, tq);
        backend.Upload(k, tk);
        backend.Upload(v, tv);

        operations.CausalAttention(shape, tq, tk, tv, output.View, logSums.View);
        operations.CausalAttentionGradient(shape, tq, tk, tv, output.View, logSums.View, outputGradient.View, dq, dk, dv);

        Compare(Values(backend, output.View), Attention(shape, q, k, v), 1e-5);
        double Loss(double[] q1, double[] k1, double[] v1) => Dot(Attention(shape, q1, k1, v1), dy);
        CompareGradient(Values(backend, dq), Double(q), x => Loss(x, Double(k), Double(v)), random);
        CompareGradient(Values(backend, dk), Double(k), x => Loss(Double(q), x, Double(v)), random);
        CompareGradient(Values(backend, dv), Double(v), x => Loss(Double(q), Double(k), x), random);

        (Tensor Q, Tensor K, Tensor V) Split(Tensor all) =>
            (all.SliceColumns(0, queries), all.SliceColumns(queries, keys), all.SliceColumns(queries + keys, keys));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void RmsNormGradient_AnyShape_IsAddedToWhatIsThere(CpuInstructionSet path, int rows, int columns)
    {
        var random = new Random(columns);
        var (x, gain, dy, before) = (Normal(random, rows * columns), Normal(random, columns), Normal(random, rows * columns), Normal(random, rows * columns));
        using var backend = new CpuBackend(new CpuBackendOptions { InstructionSet = path, Threads = 2 });
        using var operations = TrainingOperations.For(backend);
        using var input = Upload(backend, x, rows);
        using var gains = Upload(backend, gain, 1);
        using var outputGradient = Upload(backend, dy, rows);
        using var gradient = Upload(backend, before, rows);

        operations.RmsNormGradient(input.View, gains.View, Epsilon, outputGradient.View, gradient.View);

        var added = Values(backend, gradient.View).Zip(before, (after, old) => after - old).ToArray();
        CompareGradient(added, Double(x), values => Dot(Norm(values, gain), dy), random);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void SwiGluGradient_AnyShape_ReplacesGateAndUp(CpuInstructionSet path, int rows, int columns)
    {
        var random = new Random(columns);
        var (gateUp, dy) = (Normal(random, rows * columns * 2), Normal(random, rows * columns));
        using var backend = new CpuBackend(new CpuBackendOptions { InstructionSet = path, Threads = 2 });
        using var operations = TrainingOperations.For(backend);
        using var both = Upload(backend, gateUp, rows);
        using var outputGradient = Upload(backend, dy, rows);

        operations.SwiGluGradient(both.View, outputGradient.View);

        CompareGradient(Values(backend, both.View), Double(gateUp), values => Dot(SwiGlu(values, columns), dy), random);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void SquaredError_AnyShape_LeavesWeightedErrors(CpuInstructionSet path, int rows, int columns)
    {
        var random = new Random(columns);
        var (prediction, target, weights) = (Normal(random, rows * columns), Normal(random, rows * columns), Normal(random, rows));
        using var backend = new CpuBackend(new CpuBackendOptions { InstructionSet = path, Threads = 2 });
        using var operations = TrainingOperations.For(backend);
        using var p = Upload(backend, prediction, rows);
        using var t = Upload(backend, target, rows);
        var errors = new double[rows];

        operations.SquaredError(p.View, t.View, weights, errors);

        var left = Values(backend, p.View);
        for (var row = 0; row < rows; row++)
        {
            var sum = 0.0;
            for (var i = row * columns; i < (row + 1) * columns; i++)
            {
                var error = prediction[i] - (double)target[i];
                sum += error * error;
                ((double)left[i]).ShouldBe(weights[row] * error, 1e-5);
            }

            errors[row].ShouldBe(sum, 1e-5 * (1 + sum));
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Add_AnyShape_Adds(CpuInstructionSet path, int rows, int columns)
    {
        var random = new Random(columns);
        var (x, y) = (Normal(random, rows * columns), Normal(random, rows * columns));
        using var backend = new CpuBackend(new CpuBackendOptions { InstructionSet = path, Threads = 2 });
        using var operations = TrainingOperations.For(backend);
        using var from = Upload(backend, x, rows);
        using var to = Upload(backend, y, rows);

        operations.Add(from.View, to.View);

        Values(backend, to.View).ShouldBe([.. x.Zip(y, (a, b) => a + b)]);
    }

    [Fact]
    public void CausalAttention_OneOrTwoThreads_GivesTheSameBits()
    {
        Run(1).ShouldBe(Run(2));

        static float[] Run(int threads)
        {
            var shape = new CausalShape(70, 16, 4, 2);
            var random = new Random(1);
            using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads });
            using var operations = TrainingOperations.For(backend);
            using var q = Upload(backend, Normal(random, 140 * 64), 140);
            using var k = Upload(backend, Normal(random, 140 * 32), 140);
            using var v = Upload(backend, Normal(random, 140 * 32), 140);
            using var y = backend.Allocate(140, 64);
            using var logSums = backend.Allocate(140, 4);
            using var dq = backend.Allocate(140, 64);
            using var dk = backend.Allocate(140, 32);
            using var dv = backend.Allocate(140, 32);
            operations.CausalAttention(shape, q.View, k.View, v.View, y.View, logSums.View);
            operations.CausalAttentionGradient(shape, q.View, k.View, v.View, y.View, logSums.View, q.View, dq.View, dk.View, dv.View);
            return [.. Values(backend, y.View), .. Values(backend, dq.View), .. Values(backend, dk.View), .. Values(backend, dv.View)];
        }
    }

    private static void Compare(float[] actual, double[] expected, double tolerance)
    {
        for (var i = 0; i < actual.Length; i++) ((double)actual[i]).ShouldBe(expected[i], tolerance * (1 + Math.Abs(expected[i])), $"[{i}]");
    }

    /// <summary>Compares at some places, the last one among them.</summary>
    private static void CompareGradient(float[] actual, double[] x, Func<double[], double> loss, Random random)
    {
        for (var trial = 0; trial < 24; trial++)
        {
            var i = trial == 0 ? x.Length - 1 : random.Next(x.Length);
            var there = x[i];
            x[i] = there + Step;
            var above = loss(x);
            x[i] = there - Step;
            var below = loss(x);
            x[i] = there;
            var expected = (above - below) / (2 * Step);
            ((double)actual[i]).ShouldBe(expected, 2e-5 * (1 + Math.Abs(expected)), $"[{i}]");
        }
    }

    private static double[] Attention(CausalShape shape, IReadOnlyList<float> q, IReadOnlyList<float> k, IReadOnlyList<float> v) =>
        Attention(shape, Double(q), Double(k), Double(v));

    private static double[] Attention(CausalShape shape, double[] q, double[] k, double[] v)
    {
        var (queries, keys) = (shape.Heads * shape.HeadDim, shape.KvHeads * shape.HeadDim);
        var y = new double[q.Length];
        for (var row = 0; row < q.Length / queries; row++)
        {
            for (var head = 0; head < shape.Heads; head++)
            {
                var (first, column) = (row - (row % shape.Length), head / (shape.Heads / shape.KvHeads) * shape.HeadDim);
                var weights = new double[row - first + 1];
                for (var key = first; key <= row; key++)
                {
                    var score = 0.0;
                    for (var d = 0; d < shape.HeadDim; d++) score += q[(row * queries) + (head * shape.HeadDim) + d] * k[(key * keys) + column + d];
                    weights[key - first] = Math.Exp(score / Math.Sqrt(shape.HeadDim));
                }

                var sum = weights.Sum();
                for (var key = first; key <= row; key++)
                {
                    for (var d = 0; d < shape.HeadDim; d++)
                        y[(row * queries) + (head * shape.HeadDim) + d] += weights[key - first] / sum * v[(key * keys) + column + d];
                }
            }
        }

        return y;
    }

    private static double[] Norm(double[] x, float[] gain)
    {
        var y = new double[x.Length];
        for (var row = 0; row < x.Length; row += gain.Length)
        {
            var mean = x.AsSpan(row, gain.Length).ToArray().Average(value => value * value);
            for (var i = 0; i < gain.Length; i++) y[row + i] = x[row + i] * gain[i] / Math.Sqrt(mean + Epsilon);
        }

        return y;
    }

    private static double[] SwiGlu(double[] gateUp, int columns)
    {
        var y = new double[gateUp.Length / 2];
        for (var i = 0; i < y.Length; i++)
        {
            var gate = gateUp[(i / columns * 2 * columns) + (i % columns)];
            y[i] = gate / (1 + Math.Exp(-gate)) * gateUp[(i / columns * 2 * columns) + columns + (i % columns)];
        }

        return y;
    }

    private static double Dot(double[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Double(IReadOnlyList<float> values) => [.. values.Select(value => (double)value)];

    private static float[] Normal(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    private static TensorBuffer Upload(CpuBackend backend, float[] values, int rows)
    {
        var buffer = backend.Allocate(rows, values.Length / rows);
        backend.Upload(values, buffer.View);
        return buffer;
    }

    private static float[] Values(CpuBackend backend, Tensor tensor)
    {
        var values = new float[tensor.Rows * tensor.Columns];
        backend.Download(tensor, values);
        return values;
    }
}
