namespace Dray.Benchmarks.Gpu;

/// <summary>One forward pass.</summary>
/// <param name="Sequences">Sequences in it.</param>
/// <param name="Tokens">Tokens in it.</param>
/// <param name="Seconds">What it takes.</param>
/// <param name="Bytes">Bytes of weights and KV cache that it must read.</param>
/// <param name="Flops">Operations of its matrix products and attention.</param>
internal sealed record PassTiming(int Sequences, int Tokens, double Seconds, double Bytes, double Flops)
{
    /// <summary>Gets the tokens per second.</summary>
    public double Rate => Tokens / Seconds;
}
