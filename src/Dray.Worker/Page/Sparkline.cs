using System.Globalization;

namespace Dray.Worker.Page;

/// <summary>A small chart: what it shows, its points, and the numbers beside it.</summary>
public sealed class Sparkline
{
    /// <summary>The chart's width in its own units.</summary>
    public const int Width = 240;

    /// <summary>The chart's height in its own units.</summary>
    public const int Height = 48;

    private readonly double[] _values;
    private readonly bool _isShare;
    private readonly double _top;

    private Sparkline(string title, IEnumerable<double> values, bool isShare)
    {
        (Title, _isShare) = (title, isShare);
        _values = [.. values.Where(double.IsFinite)];
        _top = isShare ? 1 : Math.Max(_values.Length == 0 ? 0 : _values.Max(), 1);
    }

    /// <summary>Gets what it shows.</summary>
    public string Title { get; }

    /// <summary>Gets whether there is anything to show yet.</summary>
    public bool IsEmpty => _values.Length == 0;

    /// <summary>Gets the last value.</summary>
    public string Now => IsEmpty ? "–" : Format(_values[^1]);

    /// <summary>Gets the smallest value.</summary>
    public string Least => IsEmpty ? "–" : Format(_values.Min());

    /// <summary>Gets the largest value.</summary>
    public string Most => IsEmpty ? "–" : Format(_values.Max());

    /// <summary>Gets the line, as the points of a polyline.</summary>
    public string Line => string.Join(' ', _values.Select((value, at) => Point(at, value)));

    /// <summary>Gets the area below the line, as the points of a polygon.</summary>
    public string Area => IsEmpty ? "" : $"{X(0)},{Height} {Line} {X(_values.Length - 1)},{Height}";

    /// <summary>Gets the chart in words.</summary>
    public string Description => IsEmpty
        ? $"{Title}: nothing measured yet."
        : $"{Title} over the last {Words.Duration(EngineSampler.Period * _values.Length)}: now {Now}, least {Least}, most {Most}.";

    /// <summary>A chart of numbers; its axis begins at 0.</summary>
    public static Sparkline OfNumbers(string title, IEnumerable<double> values) => new(title, values, isShare: false);

    /// <summary>A chart of shares of a whole; its axis goes from 0 to 100 %.</summary>
    public static Sparkline OfShares(string title, IEnumerable<double> values) => new(title, values, isShare: true);

    private string Point(int at, double value) => string.Create(
        CultureInfo.InvariantCulture, $"{X(at)},{1 + ((Height - 2) * (1 - Math.Clamp(value / _top, 0, 1))):0.#}");

    // The newest is at the right edge, whether or not all samples are there yet.
    private string X(int at) => string.Create(
        CultureInfo.InvariantCulture, $"{Width - ((_values.Length - 1 - at) * (double)Width / (EngineSampler.Most - 1)):0.#}");

    private string Format(double value) => _isShare
        ? value.ToString("P0", CultureInfo.InvariantCulture).Replace(" %", "%", StringComparison.Ordinal)
        : Words.Count(value);
}
