using System.Globalization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Writes numbers into a grammar, with bounded digits, so that a number ends and fits what readers use.</summary>
internal static class NumberWriter
{
    /// <summary>The most digits of an integer: it fits 64 bits.</summary>
    public const int IntegerDigits = 18;

    /// <summary>The greatest integer, and with the other sign the least.</summary>
    public const long Greatest = 999_999_999_999_999_999;

    private const int DecimalDigits = 15;

    /// <summary>Any number: at most 15 digits before and after the point, two in the exponent.</summary>
    public static void Number(GrammarBuilder builder, int from, int to)
    {
        var (unsigned, fraction, exponent, sign, digits) = (builder.State(), builder.State(), builder.State(), builder.State(), builder.State());
        builder.Byte(from, '-', unsigned);
        builder.Empty(from, unsigned);
        builder.Byte(unsigned, '0', fraction);
        Digits(builder, unsigned, '1', DecimalDigits, fraction);

        var point = builder.State();
        builder.Byte(fraction, '.', point);
        Digits(builder, point, '0', DecimalDigits, exponent);
        builder.Empty(fraction, exponent);

        builder.Byte(exponent, 'e', sign);
        builder.Byte(exponent, 'E', sign);
        builder.Empty(exponent, to);
        builder.Byte(sign, '+', digits);
        builder.Byte(sign, '-', digits);
        builder.Empty(sign, digits);
        Digits(builder, digits, '0', 2, to);
    }

    /// <summary>The integers of a range.</summary>
    public static void Integer(GrammarBuilder builder, int from, long least, long greatest, int to)
    {
        if (least < 0)
        {
            var negative = builder.State();
            builder.Byte(from, '-', negative);
            Natural(builder, negative, Math.Max(1, -greatest), -least, to);
        }

        if (greatest >= 0) Natural(builder, from, Math.Max(0, least), greatest, to);
    }

    /// <summary>A number of digits in a range, the first at least <paramref name="first"/>.</summary>
    private static void Digits(GrammarBuilder builder, int from, char first, int most, int to, int least = 1)
    {
        for (var i = 0; i < most; i++)
        {
            var next = builder.State();
            builder.Bytes(from, i == 0 ? first : '0', '9', next);
            if (i + 1 >= least) builder.Empty(next, to);
            from = next;
        }
    }

    private static void Natural(GrammarBuilder builder, int from, long least, long greatest, int to)
    {
        if (least > greatest) return;
        if (least == 0) builder.Byte(from, '0', to);
        var (shortest, longest) = (0, 0);
        var (first, last) = (1L, 9L);
        for (var length = 1; first <= greatest; length++, first *= 10, last = (last * 10) + 9)
        {
            var (low, high) = (Math.Max(first, least), Math.Min(last, greatest));
            if (low > high) continue;
            if (low == first && high == last)
            {
                // Lengths whose numbers all are in range share their digits.
                if (shortest == 0) shortest = length;
                longest = length;
                continue;
            }

            SameLength(builder, from, low.ToString(CultureInfo.InvariantCulture), high.ToString(CultureInfo.InvariantCulture), to);
        }

        if (longest > 0) Digits(builder, from, '1', longest, to, shortest);
    }

    /// <summary>Digit by digit: as long as what is written is a bound's beginning, the bound's next digit limits the next.</summary>
    private static void SameLength(GrammarBuilder builder, int from, string low, string high, int to)
    {
        var states = new Dictionary<(int Position, bool IsLow, bool IsHigh), int> { [(0, true, true)] = from };
        var work = new Queue<(int Position, bool IsLow, bool IsHigh)>(states.Keys);
        while (work.TryDequeue(out var current))
        {
            var (position, isLow, isHigh) = current;
            if (position == low.Length)
            {
                builder.Empty(states[current], to);
                continue;
            }

            for (var digit = isLow ? low[position] : '0'; digit <= (isHigh ? high[position] : '9'); digit++)
            {
                var next = (position + 1, isLow && digit == low[position], isHigh && digit == high[position]);
                if (!states.TryGetValue(next, out var state))
                {
                    state = builder.State();
                    states.Add(next, state);
                    work.Enqueue(next);
                }

                builder.Byte(states[current], digit, state);
            }
        }
    }
}
