using System.Numerics;

namespace Dray.Inference.Sampling;

/// <summary>Passes over a vocabulary's logits or weights. Each reads its input once.</summary>
internal static class LogitKernels
{
    /// <summary>The greatest value; NaN if there is one among the values.</summary>
    public static float Max(ReadOnlySpan<float> values)
    {
        var greatest = float.NegativeInfinity;
        var i = 0;
        if (values.Length >= Vector<float>.Count)
        {
            var lanes = new Vector<float>(float.NegativeInfinity);
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
                lanes = Vector.Max(lanes, new Vector<float>(values[i..]));
            for (var lane = 0; lane < Vector<float>.Count; lane++) greatest = MathF.Max(greatest, lanes[lane]);
        }

        for (; i < values.Length; i++) greatest = MathF.Max(greatest, values[i]);
        return greatest;
    }

    /// <summary>The first index at which <paramref name="value"/> stands, or −1.</summary>
    public static int IndexOf(ReadOnlySpan<float> values, float value)
    {
        var sought = new Vector<float>(value);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            if (Vector.EqualsAny(new Vector<float>(values[i..]), sought)) break;
        }

        for (; i < values.Length; i++)
        {
            if (values[i] == value) return i;
        }

        return -1;
    }

    /// <summary>The greatest value of each block of <paramref name="size"/> values (the last may be shorter); returns the number of blocks.</summary>
    public static int BlockMaxima(ReadOnlySpan<float> values, int size, Span<float> maxima)
    {
        var blocks = 0;
        for (var i = 0; i < values.Length; i += size) maxima[blocks++] = Max(values.Slice(i, Math.Min(size, values.Length - i)));
        return blocks;
    }

    /// <summary><c>weights = exp((logits − max) / temperature)</c>: softmax but for its divisor. May be done in place.</summary>
    public static void Exponentials(ReadOnlySpan<float> logits, float max, float temperature, Span<float> weights)
    {
        var scale = 1f / temperature;
        Vector<float> maxima = new(max), scales = new(scale);
        var i = 0;
        for (; i <= logits.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Exp((new Vector<float>(logits[i..]) - maxima) * scales).CopyTo(weights[i..]);
        for (; i < logits.Length; i++) weights[i] = MathF.Exp((logits[i] - max) * scale);
    }

    /// <summary>The sum, added up in double precision.</summary>
    public static double Sum(ReadOnlySpan<float> values)
    {
        Vector<double> low = Vector<double>.Zero, high = Vector<double>.Zero;
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(values[i..]), out var a, out var b);
            low += a;
            high += b;
        }

        var sum = Vector.Sum(low + high);
        for (; i < values.Length; i++) sum += values[i];
        return sum;
    }

    /// <summary>
    /// Collects the values that are at least <paramref name="cut"/> and their indices, in order; returns how many. Fast where few are.
    /// <paramref name="kept"/> may be <paramref name="values"/>; what follows the kept ones is overwritten with anything.
    /// </summary>
    public static int AtLeast(ReadOnlySpan<float> values, float cut, Span<int> indices, Span<float> kept)
    {
        var least = new Vector<float>(cut);
        var count = 0;
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            if (Vector.GreaterThanOrEqualAny(new Vector<float>(values[i..]), least))
                Collect(values, i, i + Vector<float>.Count, cut, indices, kept, ref count);
        }

        Collect(values, i, values.Length, cut, indices, kept, ref count);
        return count;
    }

    private static void Collect(ReadOnlySpan<float> values, int from, int to, float cut, Span<int> indices, Span<float> kept, ref int count)
    {
        for (var i = from; i < to; i++)
        {
            // Written first and counted only if kept: near a border, branches would be guessed wrong half of the time.
            var value = values[i];
            indices[count] = i;
            kept[count] = value;
            count += value >= cut ? 1 : 0;
        }
    }
}
