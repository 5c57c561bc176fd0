using System.Globalization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>A bound of a range of numbers.</summary>
/// <param name="Value">The bound.</param>
/// <param name="IsExcluded">Whether the bound itself is outside the range.</param>
internal readonly record struct DecimalBound(decimal Value, bool IsExcluded)
{
    /// <summary>Gets the same bound with the other sign.</summary>
    public DecimalBound Negated => this with { Value = -Value };

    /// <summary>Gets the digits before the point as a number.</summary>
    public decimal Whole => decimal.Floor(Value);

    /// <summary>Gets the digits after the point, without zeros at the end.</summary>
    public string Fraction => (Value - Whole).ToString("0.#############################", CultureInfo.InvariantCulture) is ['0', '.', .. var digits] ? digits : "";
}
