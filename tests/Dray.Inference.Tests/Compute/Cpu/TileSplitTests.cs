using CsCheck;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class TileSplitTests
{
    [Fact]
    public void Height_AnyRows_CoversThemInTheFewestNearlyEqualTiles() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[1, 12]).Sample((rows, maxRows) =>
        {
            var split = new TileSplit(rows, maxRows);
            split.Tiles.ShouldBe((rows + maxRows - 1) / maxRows);
            var next = 0;
            for (var tile = 0; tile < split.Tiles; tile++)
            {
                split.FirstRow(tile).ShouldBe(next);
                split.Height(tile).ShouldBeInRange(rows / split.Tiles, Math.Min(maxRows, (rows / split.Tiles) + 1));
                next += split.Height(tile);
            }

            next.ShouldBe(rows);
        }, iter: 200);

    [Fact]
    public void OfFullTiles_AnyRows_LeavesTheRestToTheLastTile() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[1, 32]).Sample((rows, height) =>
        {
            var split = TileSplit.OfFullTiles(rows, height);
            var next = 0;
            for (var tile = 0; tile < split.Tiles; tile++)
            {
                split.FirstRow(tile).ShouldBe(next);
                split.Height(tile).ShouldBe(Math.Min(height, rows - next));
                split.TileOf(next).ShouldBe(tile);
                next += split.Height(tile);
                split.TileOf(next - 1).ShouldBe(tile);
            }

            next.ShouldBe(rows);
        }, iter: 200);
}
