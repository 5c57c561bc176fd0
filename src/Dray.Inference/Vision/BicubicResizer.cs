using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dray.Inference.Vision;

/// <summary>
/// Stretches a picture to a size, row by row: first down the columns over the source's width, where neighbouring bytes are
/// neighbouring work, then along the row. Results are float32 and not clamped to 0..255.
/// </summary>
/// <remarks>4 multiply-adds per source byte of a row and 4 per target value; 12 source bytes read per target value.</remarks>
internal sealed class BicubicResizer
{
    private const int Channels = 3;

    private readonly RgbImage _source;
    private readonly CubicTaps _across;
    private readonly CubicTaps _down;
    private readonly float[] _row;

    /// <param name="source">The picture.</param>
    /// <param name="width">Target width in pixels.</param>
    /// <param name="height">Target height in pixels.</param>
    public BicubicResizer(RgbImage source, int width, int height)
    {
        _source = source;
        Width = width;
        Height = height;
        _across = new CubicTaps(source.Width, width);
        _down = new CubicTaps(source.Height, height);
        _row = new float[((source.Width + (2 * CubicTaps.Margin)) * Channels) + 1];
    }

    /// <summary>Gets the target width in pixels.</summary>
    public int Width { get; }

    /// <summary>Gets the target height in pixels.</summary>
    public int Height { get; }

    /// <summary>Gets the floats that <see cref="Row"/> writes: one more than a row has, since pixels are stored four floats at a time.</summary>
    public int RowLength => (Width * Channels) + 1;

    /// <summary>Computes target row <paramref name="y"/> into <paramref name="target"/>, [Width, 3] in 0..255 (and somewhat beyond).</summary>
    public void Row(int y, Span<float> target)
    {
        var weights = _down.Weights.Slice(y * CubicTaps.Count, CubicTaps.Count);
        var first = _down.First[y];
        var columns = _row.AsSpan(CubicTaps.Margin * Channels, _source.Width * Channels);
        Blend(SourceRow(first), SourceRow(first + 1), SourceRow(first + 2), SourceRow(first + 3), weights, columns);
        ReplicateBorders();
        Along(target[..RowLength]);
    }

    private ReadOnlySpan<byte> SourceRow(int y)
    {
        var stride = _source.Width * Channels;
        return _source.Pixels.AsSpan(Math.Clamp(y, 0, _source.Height - 1) * stride, stride);
    }

    private static void Blend(
        ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, ReadOnlySpan<byte> d, ReadOnlySpan<float> weights, Span<float> target)
    {
        var (wa, wb, wc, wd) = (weights[0], weights[1], weights[2], weights[3]);
        Vector<float> va = new(wa), vb = new(wb), vc = new(wc), vd = new(wd);
        var lanes = Vector<float>.Count;
        var i = 0;
        for (; i <= target.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var (a0, a1, a2, a3) = Widen(a[i..]);
            var (b0, b1, b2, b3) = Widen(b[i..]);
            var (c0, c1, c2, c3) = Widen(c[i..]);
            var (d0, d1, d2, d3) = Widen(d[i..]);
            Sum(a0, b0, c0, d0).CopyTo(target[i..]);
            Sum(a1, b1, c1, d1).CopyTo(target[(i + lanes)..]);
            Sum(a2, b2, c2, d2).CopyTo(target[(i + (2 * lanes))..]);
            Sum(a3, b3, c3, d3).CopyTo(target[(i + (3 * lanes))..]);
        }

        for (; i < target.Length; i++) target[i] = (wa * a[i]) + (wb * b[i]) + (wc * c[i]) + (wd * d[i]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector<float> Sum(Vector<float> p, Vector<float> q, Vector<float> r, Vector<float> s) => (va * p) + (vb * q) + (vc * r) + (vd * s);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> A, Vector<float> B, Vector<float> C, Vector<float> D) Widen(ReadOnlySpan<byte> bytes)
    {
        Vector.Widen(new Vector<byte>(bytes), out var low, out var high);
        Vector.Widen(low, out var a, out var b);
        Vector.Widen(high, out var c, out var d);
        return (ToSingle(a), ToSingle(b), ToSingle(c), ToSingle(d));

        static Vector<float> ToSingle(Vector<uint> value) => Vector.ConvertToSingle(value.As<uint, int>());
    }

    private void ReplicateBorders()
    {
        const int Left = CubicTaps.Margin * Channels;
        var right = Left + (_source.Width * Channels);
        for (var i = 0; i < Left; i++)
        {
            _row[i] = _row[Left + (i % Channels)];
            _row[right + i] = _row[right - Channels + (i % Channels)];
        }
    }

    // A pixel is three floats: a vector of four reads one float too many of the next pixel and stores it where that pixel goes.
    private void Along(Span<float> target)
    {
        var first = _across.First;
        var weights = _across.Weights;
        for (var x = 0; x < first.Length; x++)
        {
            var taps = _row.AsSpan((first[x] + CubicTaps.Margin) * Channels, (CubicTaps.Count * Channels) + 1);
            ref var tap = ref MemoryMarshal.GetReference(taps);
            var w = weights.Slice(x * CubicTaps.Count, CubicTaps.Count);
            var sum = (Vector128.LoadUnsafe(ref tap) * w[0])
                + (Vector128.LoadUnsafe(ref tap, Channels) * w[1])
                + (Vector128.LoadUnsafe(ref tap, 2 * Channels) * w[2])
                + (Vector128.LoadUnsafe(ref tap, 3 * Channels) * w[3]);
            sum.CopyTo(target[(x * Channels)..]);
        }
    }
}
