using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class SyntheticCheckpointTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"dray-synthetic-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_SmallShape_IsACheckpointOfUsefulWeights()
    {
        var shape = new SyntheticShape { Hidden = 256, Layers = 2, Heads = 4, KvHeads = 2, HeadDim = 64, Intermediate = 512, Vocabulary = 512 };
        SyntheticCheckpoint.Write(_folder, shape, shardBytes: 100_000);
        var report = CheckpointInspector.Inspect(_folder);

        report.Quantization!.Matrices.ShouldContain(count => count.Bits == 4 && count.GroupSize == 128 && count.Count == 14);
        report.Files.ShouldBeGreaterThan(3);
        report.UnusedTensors.ShouldBeEmpty();
        using var checkpoint = Checkpoint.Open(_folder);
        var rows = new float[512 * 256];
        checkpoint.Linear("language_model.model.layers.1.mlp.gate_proj").ReadRows(0, 512, rows);

        // Outputs as large as inputs need weights of standard deviation 1/sqrt(K), 0.0625 here.
        Math.Sqrt(rows.Average(value => (double)value * value)).ShouldBeInRange(0.03, 0.09);
        checkpoint.Vector("language_model.model.norm", 256).ShouldAllBe(value => value == 1);
    }
}
