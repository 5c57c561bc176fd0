using Dray.Inference.Checkpoints;
using Dray.Inference.Ilgpu.TensorCores;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests.TensorCores;

public sealed class FragmentLayoutTests
{
    [Fact]
    public void Of_LayersThatQualify_TellsTheirKind()
    {
        FragmentLayout.Of([new InMemoryQuantized(1, 16, 256, 4, 128)])!.Kind.ShouldBe(FragmentKind.CoarseNibbles);
        FragmentLayout.Of([new InMemoryQuantized(1, 16, 100, 4, 100)])!.Kind.ShouldBe(FragmentKind.CoarseNibbles);
        FragmentLayout.Of([new InMemoryQuantized(1, 16, 256, 4, 96)])!.Kind.ShouldBe(FragmentKind.FineNibbles);
        FragmentLayout.Of([new InMemoryDense(1, 16, 24, DataType.BFloat16), new InMemoryDense(2, 5, 24, DataType.BFloat16)])!.Outputs.ShouldBe(21);
    }

    [Fact]
    public void Of_LayersThatDoNotQualify_IsNull()
    {
        FragmentLayout.Of([new InMemoryQuantized(1, 16, 256, 8, 128)]).ShouldBeNull("8 bits");
        FragmentLayout.Of([new InMemoryQuantized(1, 16, 256, 4, 48)]).ShouldBeNull("a group that 32 does not divide");
        FragmentLayout.Of([new InMemoryQuantized(1, 16, 256, 4, 128, symmetric: false)]).ShouldBeNull("zero points");
        FragmentLayout.Of([new InMemoryQuantized(1, 16, 256, 4, 128), new InMemoryQuantized(1, 16, 256, 4, 64)]).ShouldBeNull("groups differ");
        FragmentLayout.Of([new InMemoryQuantized(1, 16, 256, 4, 128), new InMemoryDense(1, 16, 256, DataType.BFloat16)]).ShouldBeNull("kinds differ");
        FragmentLayout.Of([new InMemoryDense(1, 16, 256, DataType.Float16)]).ShouldBeNull("fp16");
        FragmentLayout.Of([new InMemoryDense(1, 16, 256, DataType.Float32)]).ShouldBeNull("fp32");
    }

    [Theory]
    [InlineData(6144, 5120, 10)]
    [InlineData(5120, 4096, 11)]
    [InlineData(65536, 5120, 1)]
    [InlineData(5120, 32768, 13)]
    public void Constructor_ShapesOfThe24B_FillAnH100TwiceAtMost(int outputs, int inputs, int segments)
    {
        var layout = new FragmentLayout(outputs, inputs, FragmentKind.CoarseNibbles);

        layout.Segments.ShouldBe(segments);
        (layout.Segments * layout.OutputTiles).ShouldBeInRange(200, 264);
        layout.Bytes.ShouldBe((long)outputs * inputs * 33 / 64);
    }

    [Theory]
    [InlineData(1, 1, false, 13)]
    [InlineData(17, 4, false, 13)]
    [InlineData(64, 8, false, 13)]
    [InlineData(8192, 8, true, 1)]
    public void For_RowsOfADownProjection_SplitsOnlyWhatWouldLeaveTheDeviceIdle(int rows, int octets, bool hasTotals, int segments)
    {
        var plan = MatMulPlan.For(new FragmentLayout(5120, 32768, FragmentKind.CoarseNibbles), rows);

        plan.ShouldBe(new MatMulPlan(octets, hasTotals, (rows + (octets * 8) - 1) / (octets * 8) * 20, segments));
    }
}
