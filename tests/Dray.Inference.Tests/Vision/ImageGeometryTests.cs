using System.Text.Json;
using CsCheck;
using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Vision;

public sealed class ImageGeometryTests
{
    [Theory]
    [InlineData(1, 1, 1024, 1, 1)]
    [InlineData(29, 28, 1024, 2, 1)]
    [InlineData(1, 2000, 1024, 1, 37)]
    [InlineData(2000, 1, 1540, 55, 1)]
    [InlineData(1654, 2339, 1024, 26, 37)]
    [InlineData(1025, 769, 1024, 37, 28)]
    public void Of_KnownSizes_GivesUpstreamsGrid(int width, int height, int maxSize, int columns, int rows) =>
        ImageGeometry.Of(width, height, new ImageSpec(14, maxSize, 2))
            .ShouldBe(new ImageGeometry(columns, rows, columns * 2, rows * 2, columns * 28, rows * 28));

    [Fact]
    public void Of_EveryGolden_GivesUpstreamsGrid()
    {
        var golden = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(SharedFolder.Require("goldens", "image", "geometry.json")));
        var rows = golden.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.GetInt32()).ToArray()).ToArray();
        rows.Length.ShouldBeGreaterThan(400);
        foreach (var row in rows)
        {
            var spec = new ImageSpec(row[2], row[3], row[4]);
            ImageGeometry.Of(row[0], row[1], spec).ShouldBe(
                new ImageGeometry(row[5], row[6], row[5] * row[4], row[6] * row[4], row[7], row[8]), $"{row[0]} x {row[1]}, {spec}");
        }
    }

    [Fact]
    public void Of_AnySize_StaysWithinTheLargestGrid() =>
        Gen.Select(Gen.Int[1, 100_000], Gen.Int[1, 100_000]).Sample((width, height) =>
        {
            var geometry = ImageGeometry.Of(width, height, new ImageSpec(14, 1540, 2));
            geometry.TokenColumns.ShouldBeInRange(1, 55);
            geometry.TokenRows.ShouldBeInRange(1, 55);
        });

    [Fact]
    public void Of_NoPixels_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => ImageGeometry.Of(0, 5, new ImageSpec(14, 1024, 2)));
}
