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
}
