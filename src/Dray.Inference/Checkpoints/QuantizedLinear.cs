namespace Dray.Inference.Checkpoints;

/// <summary>
/// A group-quantised linear layer: <c>W[n, k] = scale[n, k / g] · (code[n, k] − zero[n, k / g])</c>. Packing variants of the format are
/// resolved: codes are 0..2^bits − 1 and zeros are the true zero points.
/// </summary>
public abstract class QuantizedLinear(string name, int outputs, int inputs, int bits, int groupSize) : LinearSource(name, outputs, inputs)
{
    /// <summary>Gets the bits of a code: 2, 3, 4 or 8.</summary>
    public int Bits { get; } = bits;

    /// <summary>Gets g, the inputs that share a scale; K where the checkpoint says -1. The last group may be shorter.</summary>
    public int GroupSize { get; } = groupSize;

    /// <summary>Gets G = ceil(K / g).</summary>
    public int Groups => (Inputs + GroupSize - 1) / GroupSize;

    /// <summary>Writes codes of outputs <paramref name="first"/>.., [count, K] row-major.</summary>
    public abstract void ReadCodes(int first, int count, Span<byte> codes);

    /// <summary>
    /// Gets whether the checkpoint holds the codes as 32-bit words [K·bits/32, N], each of successive inputs of one output, the first in its
    /// low end, so that <see cref="ReadWords"/> can copy them.
    /// </summary>
    public virtual bool HoldsWords => false;

    /// <summary>Copies words of outputs <paramref name="first"/>.., where <see cref="HoldsWords"/>.</summary>
    /// <param name="first">The first output.</param>
    /// <param name="count">How many outputs.</param>
    /// <param name="row">The first row of words.</param>
    /// <param name="target">[rows, <paramref name="stride"/>] words, of which the first <paramref name="count"/> of each row are written.</param>
    /// <param name="stride">Words from one row of the target to the next.</param>
    public virtual void ReadWords(int first, int count, int row, Span<uint> target, int stride) =>
        throw new NotSupportedException($"{Name} doesn't hold its codes as words; read them with ReadCodes.");

    /// <summary>Writes a group's scales, widened from fp16 and possibly negative, and true zero points, of outputs <paramref name="first"/>...</summary>
    /// <param name="group">The group.</param>
    /// <param name="first">The first output.</param>
    /// <param name="scales">[count].</param>
    /// <param name="zeros">[count].</param>
    public abstract void ReadGroup(int group, int first, Span<float> scales, Span<short> zeros);

    /// <summary>Writes scales and true zero points of outputs <paramref name="first"/>.., [count, G] each.</summary>
    public void ReadScales(int first, int count, Span<float> scales, Span<short> zeros)
    {
        var groups = Groups;
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)count * groups, Math.Min(scales.Length, zeros.Length), nameof(count));
        const int Chunk = 64;
        Span<float> scaleChunk = stackalloc float[Chunk];
        Span<short> zeroChunk = stackalloc short[Chunk];
        for (var done = 0; done < count; done += Chunk)
        {
            var outputs = Math.Min(Chunk, count - done);
            for (var group = 0; group < groups; group++)
            {
                ReadGroup(group, first + done, scaleChunk[..outputs], zeroChunk[..outputs]);
                for (var n = 0; n < outputs; n++)
                {
                    scales[((done + n) * groups) + group] = scaleChunk[n];
                    zeros[((done + n) * groups) + group] = zeroChunk[n];
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<float> target)
    {
        var codes = new byte[Inputs];
        var scales = new float[Groups];
        var zeros = new short[Groups];
        for (var row = 0; row < count; row++)
        {
            ReadCodes(first + row, 1, codes);
            ReadScales(first + row, 1, scales, zeros);
            for (var k = 0; k < Inputs; k++)
                target[(row * Inputs) + k] = scales[k / GroupSize] * (codes[k] - zeros[k / GroupSize]);
        }
    }
}
