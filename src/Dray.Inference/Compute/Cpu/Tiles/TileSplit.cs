namespace Dray.Inference.Compute.Cpu;

/// <summary>Rows cut into the fewest tiles of nearly equal height.</summary>
internal readonly struct TileSplit
{
    private readonly int _low;
    private readonly int _higher;

    public TileSplit(int rows, int maxRows)
    {
        Rows = rows;
        Tiles = (rows + maxRows - 1) / maxRows;
        (_low, _higher) = Math.DivRem(rows, Tiles);
    }

    public int Rows { get; }

    public int Tiles { get; }

    /// <summary>Rows of tile <paramref name="tile"/>.</summary>
    public int Height(int tile) => _low + (tile < _higher ? 1 : 0);

    /// <summary>First row of tile <paramref name="tile"/>.</summary>
    public int FirstRow(int tile) => (tile * _low) + Math.Min(tile, _higher);

    /// <summary>The tile that <paramref name="row"/> is in.</summary>
    public int TileOf(int row)
    {
        var inHigher = _higher * (_low + 1);
        return row < inHigher ? row / (_low + 1) : _higher + ((row - inHigher) / _low);
    }
}
