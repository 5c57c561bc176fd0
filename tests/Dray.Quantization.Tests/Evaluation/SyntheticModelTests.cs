using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class SyntheticModelTests
{
    private static readonly TextConfig Shape = BenchmarkShapes.Of("demo") with { Layers = 2 };

    [Fact]
    public void Run_PromptThenSteps_HasFiniteLogitsThatDiffer()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        using var model = new SyntheticModel(backend, Shape, kvTokens: 64);
        var logits = new float[2 * Shape.VocabSize];

        backend.Download(model.Run([5, 3], 0, 20), logits);
        logits.ShouldAllBe(value => float.IsFinite(value));
        logits[..Shape.VocabSize].ShouldNotBe(logits[Shape.VocabSize..]);

        backend.Download(model.Run([1, 1], 5, 20), logits);
        logits.ShouldAllBe(value => float.IsFinite(value));
        logits.Max(Math.Abs).ShouldBeGreaterThan(0.1f);
    }

    [Fact]
    public void StepBytes_UntiedHead_LeavesTheEmbeddingOut()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var one = new SyntheticModel(backend, Shape with { Layers = 1 }, kvTokens: 16);
        using var two = new SyntheticModel(backend, Shape, kvTokens: 16);

        // Each layer has the same matrices; what is left over is the head.
        ((2 * one.StepBytes) - two.StepBytes).ShouldBe(2L * Shape.VocabSize * Shape.HiddenSize);
    }

    [Fact]
    public void OperationsPerToken_TwoLayers_AreTwoForEachWeight()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var model = new SyntheticModel(backend, Shape, kvTokens: 16);

        model.OperationsPerToken.ShouldBe(2.0 * 2 * 384 * (384 + 128 + 128 + 384 + (3 * 1024)));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(2603, 5)]
    public void Weights_StripsAndRows_AreTheSame(int first, int count)
    {
        var matrix = new SyntheticQuantized("matrix", 4096, 384, 128);
        var strip = new byte[count * matrix.Inputs];
        var (scales, zeros) = (new float[count * matrix.Groups], new short[count * matrix.Groups]);
        matrix.ReadCodes(first, count, strip);
        matrix.ReadScales(first, count, scales, zeros);

        for (var n = 0; n < count; n++)
        {
            var row = new byte[matrix.Inputs];
            var (rowScales, rowZeros) = (new float[matrix.Groups], new short[matrix.Groups]);
            matrix.ReadCodes(first + n, 1, row);
            matrix.ReadScales(first + n, 1, rowScales, rowZeros);
            row.ShouldBe(strip[(n * matrix.Inputs)..((n + 1) * matrix.Inputs)]);
            rowScales.ShouldBe(scales[(n * matrix.Groups)..((n + 1) * matrix.Groups)]);
            rowZeros.ShouldAllBe(zero => zero == 8);
        }

        strip.ShouldAllBe(code => code < 16);
        scales.ShouldAllBe(scale => scale > 0);
    }

    [Fact]
    public void DenseRows_Widened_AreTheRawOnes()
    {
        var head = new SyntheticDense("head", 40, 48);
        var rows = new float[2 * head.Inputs];
        var raw = new byte[2 * head.Inputs * sizeof(ushort)];
        head.ReadRows(7, 2, rows);
        head.ReadRaw(7, 2, raw);

        for (var i = 0; i < rows.Length; i++)
            BitConverter.SingleToUInt32Bits(rows[i]).ShouldBe((uint)BitConverter.ToUInt16(raw, 2 * i) << 16);
        rows.ShouldAllBe(value => Math.Abs(value) <= 1);
    }
}
