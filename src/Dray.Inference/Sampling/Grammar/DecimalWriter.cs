using System.Globalization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// Writes the decimal numbers of a range into a grammar: no exponent, and no more digits than a double tells apart, so that what is
/// below an excluded bound isn't rounded up to it.
/// </summary>
/// <param name="builder">The grammar.</param>
/// <param name="least">The lower bound and whether it is excluded.</param>
/// <param name="greatest">The upper bound and whether it is excluded.</param>
internal sealed class DecimalWriter(GrammarBuilder builder, DecimalBound least, DecimalBound greatest)
{
    /// <summary>The greatest number, and with the other sign the least, on a side without a bound.</summary>
    public const decimal Unbounded = 999_999_999m;

    private const int FractionDigits = 6;

    public void Write(int from, int to)
    {
        if (greatest.Value >= 0) Magnitude(from, least.Value >= 0 ? least : new DecimalBound(0, false), greatest, to);
        if (least.Value >= 0) return;
        var negative = builder.State();
        builder.Byte(from, '-', negative);
        Magnitude(negative, greatest.Value < 0 ? greatest.Negated : new DecimalBound(0, false), least.Negated, to);
    }

    private void Magnitude(int from, DecimalBound low, DecimalBound high, int to)
    {
        if (low.Value > high.Value) return;
        if (low.Whole == high.Whole)
        {
            Fraction(Whole(from, low.Whole), low, high, to);
            return;
        }

        Fraction(Whole(from, low.Whole), low, null, to);
        if (low.Whole + 1 < high.Whole)
        {
            var between = builder.State();
            NumberWriter.Integer(builder, from, (long)low.Whole + 1, (long)high.Whole - 1, between);
            Fraction(between, null, null, to);
        }

        Fraction(Whole(from, high.Whole), null, high, to);
    }

    private int Whole(int from, decimal whole) =>
        builder.Literal(from, System.Text.Encoding.ASCII.GetBytes(whole.ToString("0", CultureInfo.InvariantCulture)));

    /// <summary>Perhaps a point and digits: as long as they are a bound's beginning, the bound's next digit limits the next.</summary>
    private void Fraction(int from, DecimalBound? low, DecimalBound? high, int to)
    {
        var (lowDigits, highDigits) = (low?.Fraction ?? "", high?.Fraction ?? "");
        var most = Math.Max(FractionDigits, Math.Max(lowDigits.Length, highDigits.Length));
        if (Ends(0, low is not null, high is not null)) builder.Empty(from, to);

        var point = builder.State();
        builder.Byte(from, '.', point);
        var first = (Position: 0, IsLow: low is not null, IsHigh: high is not null);
        var states = new Dictionary<(int Position, bool IsLow, bool IsHigh), int> { [first] = point };
        var work = new Queue<(int Position, bool IsLow, bool IsHigh)>([first]);
        while (work.TryDequeue(out var current))
        {
            var (position, isLow, isHigh) = current;
            if (position > 0 && Ends(position, isLow, isHigh)) builder.Empty(states[current], to);
            if (position == most) continue;
            var (least, greatest) = (isLow ? Digit(lowDigits, position) : '0', isHigh ? Digit(highDigits, position) : '9');
            for (var digit = least; digit <= greatest; digit++)
            {
                var next = (position + 1, isLow && digit == least, isHigh && digit == greatest);
                if (!states.TryGetValue(next, out var state))
                {
                    state = builder.State();
                    states.Add(next, state);
                    work.Enqueue(next);
                }

                builder.Byte(states[current], digit, state);
            }
        }

        bool Ends(int position, bool isLow, bool isHigh) =>
            !(isLow && (position < lowDigits.Length || low!.Value.IsExcluded)) && !(isHigh && position >= highDigits.Length && high!.Value.IsExcluded);
    }

    private static char Digit(string digits, int position) => position < digits.Length ? digits[position] : '0';
}
