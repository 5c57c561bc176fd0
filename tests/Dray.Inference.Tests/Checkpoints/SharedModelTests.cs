using Dray.Inference.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

/// <summary>Whole checkpoints as transformers and auto-round wrote them.</summary>
public sealed class SharedModelTests
{
    [Theory]
    [InlineData("tiny-mistral3/hd64-bf16", 0)]
    [InlineData("tiny-mistral3/hd64-w4a16", 21)]
    [InlineData("tiny-mistral3/hd128-w4a16", 21)]
    [InlineData("dray-demo", 0)]
    [InlineData("dray-demo-w4a16", 56)]
    public void Open_SharedModel_ReadsEveryTensor(string model, int quantizedLayers)
    {
        using var checkpoint = Checkpoint.Open(SharedFolder.Require("models", model));
        var quantized = 0;
        foreach (var (module, (outputs, inputs)) in checkpoint.Matrices)
        {
            var linear = checkpoint.Linear(module);
            if (linear is QuantizedLinear) quantized++;
            (linear.Outputs, linear.Inputs).ShouldBe((outputs, inputs));
            var rows = new float[outputs * inputs];
            linear.ReadRows(0, outputs, rows);
            rows.ShouldAllBe(value => float.IsFinite(value) && Math.Abs(value) < 8);
        }

        foreach (var (module, length) in ModuleShapes.GainsOf(checkpoint.Config))
            checkpoint.Vector(module, length).ShouldAllBe(value => Math.Abs(value) < 100);

        quantized.ShouldBe(quantizedLayers);
        checkpoint.UnreadTensors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("tiny-mistral3/hd64-bf16", "tiny-mistral3/hd64-w4a16")]
    [InlineData("dray-demo", "dray-demo-w4a16")]
    public void Linear_QuantizedExport_IsCloseToItsBase(string dense, string packed)
    {
        using var original = Checkpoint.Open(SharedFolder.Require("models", dense));
        using var export = Checkpoint.Open(SharedFolder.Require("models", packed));
        foreach (var (module, (outputs, inputs)) in original.Matrices)
        {
            var expected = new float[outputs * inputs];
            var actual = new float[outputs * inputs];
            original.Linear(module).ReadRows(0, outputs, expected);
            export.Linear(module).ReadRows(0, outputs, actual);
            double error = 0, power = 0;
            for (var i = 0; i < expected.Length; i++)
            {
                error += Math.Pow(expected[i] - actual[i], 2);
                power += Math.Pow(expected[i], 2);
            }

            // Four bits in groups of 128 leave about 11 % of a normal weight's size; a dense layer is the same bytes.
            var limit = export.Linear(module) is QuantizedLinear ? 0.14 : 0;
            Math.Sqrt(error / power).ShouldBeLessThanOrEqualTo(limit, module);
        }
    }

    [Theory]
    [InlineData("base")]
    [InlineData("w4a16-rtn")]
    public void Open_FolderWhoseShardsAreNotThere_NamesTheFirst(string model)
    {
        var folder = SharedFolder.Require("models", "smollm2-135m", model);
        var text = ModelConfig.Load(folder).Text;
        (text.Heads, text.KvHeads, text.HeadDim, text.RopeTheta, text.TiedEmbeddings).ShouldBe((9, 3, 64, 1e5, true));
        Should.Throw<CheckpointException>(() => Checkpoint.Open(folder)).Message.ShouldStartWith("model-00001-of-00002.safetensors: ");
    }
}
