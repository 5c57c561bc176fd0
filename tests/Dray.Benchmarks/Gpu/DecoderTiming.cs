namespace Dray.Benchmarks.Gpu;

/// <summary>What passes through a decoder take, and what they must read and compute at least.</summary>
/// <param name="Layers">Layers of the decoder.</param>
/// <param name="IsExtrapolated">Whether the seconds follow from decoders with fewer layers.</param>
/// <param name="Steps">Decoding steps, by the number of sequences.</param>
/// <param name="Prefill">A prefill batch.</param>
internal sealed record DecoderTiming(int Layers, bool IsExtrapolated, IReadOnlyList<PassTiming> Steps, PassTiming Prefill)
{
    /// <summary>A decoder of more layers, each of which costs what a layer costs on average between two decoders.</summary>
    public static DecoderTiming Extrapolate(DecoderTiming fewer, DecoderTiming more, int layers)
    {
        PassTiming At(PassTiming a, PassTiming b)
        {
            double Line(double at, double further) => further + ((further - at) / (more.Layers - fewer.Layers) * (layers - more.Layers));
            return new PassTiming(b.Sequences, b.Tokens, Line(a.Seconds, b.Seconds), Line(a.Bytes, b.Bytes), Line(a.Flops, b.Flops));
        }

        return new DecoderTiming(layers, true, [.. fewer.Steps.Zip(more.Steps, At)], At(fewer.Prefill, more.Prefill));
    }
}
