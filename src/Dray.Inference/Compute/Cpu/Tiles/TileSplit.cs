namespace Dray.Inference.Compute.Cpu;

/// <summary>Rows cut into the fewest tiles: of nearly equal height, or full ones and one with the rest.</summary>
internal readonly struct TileSplit
{
    private readonly int _low;
    private readonly int _higher;
    private readonly int _last;

    /// <summary>Tiles of nearly equal height.</summary>
    public TileSplit(int rows, int maxRows)
    {
        Rows = rows;
        Tiles = (rows + maxRows - 1) / maxRows;
        (_low, _higher) = Math.DivRem(rows, Tiles);
        _last = Tiles > _higher ? _low : _low + 1;
    }

    private TileSplit(int rows, int tiles, int height)
    {
        (Rows, Tiles, _low) = (rows, tiles, height);
        _last = rows - ((tiles - 1) * height);
    }

    /// <summary>Tiles of <paramref name="height"/> rows, the last with what is left.</summary>
    public static TileSplit OfFullTiles(int rows, int height) => new(rows, (rows + height - 1) / height, height);

    public int Rows { get; }

    public int Tiles { get; }

    /// <summary>Rows of tile <paramref name="tile"/>.</summary>
    public int Height(int tile) => tile == Tiles - 1 ? _last : _low + (tile < _higher ? 1 : 0);

    /// <summary>First row of tile <paramref name="tile"/>.</summary>
    public int FirstRow(int tile) => (tile * _low) + Math.Min(tile, _higher);

    /// <summary>The tile that <paramref name="row"/> is in.</summary>
    public int TileOf(int row)
    {
        var inHigher = _higher * (_low + 1);
        return row < inHigher ? row / (_low + 1) : _higher + ((row - inHigher) / _low);
    }
}
