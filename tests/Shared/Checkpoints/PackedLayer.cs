namespace Dray.Tests.Checkpoints;

/// <summary>
/// A quantized layer's tensors, packed bit by bit as the format describes it: slow, obvious, and independent of the reader it tests.
/// </summary>
internal sealed class PackedLayer
{
    private static readonly int[] AwqNibble = [0, 4, 1, 5, 2, 6, 3, 7];

    private readonly int _outputs;
    private readonly int _inputs;
    private readonly int _bits;

    /// <param name="random">Source of the values.</param>
    /// <param name="outputs">N.</param>
    /// <param name="inputs">K.</param>
    /// <param name="bits">Bits of a code.</param>
    /// <param name="groupSize">Inputs that share a scale.</param>
    /// <param name="symmetric">Whether all zero points are 2^(bits-1).</param>
    /// <param name="leastZero">The smallest zero point: 1 where the layout can't store 0.</param>
    public PackedLayer(Random random, int outputs, int inputs, int bits, int groupSize, bool symmetric, int leastZero = 0)
    {
        (_outputs, _inputs, _bits) = (outputs, inputs, bits);
        Groups = (inputs + groupSize - 1) / groupSize;
        Codes = new byte[outputs * inputs];
        Zeros = new short[outputs * Groups];
        Scales = new float[outputs * Groups];
        for (var i = 0; i < Codes.Length; i++)
            Codes[i] = (byte)random.Next(1 << bits);
        for (var i = 0; i < Zeros.Length; i++)
        {
            Zeros[i] = (short)(symmetric ? 1 << (bits - 1) : random.Next(leastZero, 1 << bits));
            Scales[i] = (float)(Half)((random.NextSingle() - 0.5f) / 10);
        }

        Weights = new float[Codes.Length];
        for (var n = 0; n < outputs; n++)
        {
            for (var k = 0; k < inputs; k++)
            {
                var group = (n * Groups) + (k / groupSize);
                Weights[(n * inputs) + k] = Scales[group] * (Codes[(n * inputs) + k] - Zeros[group]);
            }
        }
    }

    /// <summary>Gets G.</summary>
    public int Groups { get; }

    /// <summary>Gets the codes [N, K].</summary>
    public byte[] Codes { get; }

    /// <summary>Gets the true zero points [N, G].</summary>
    public short[] Zeros { get; }

    /// <summary>Gets the scales [N, G], each of which fp16 holds exactly.</summary>
    public float[] Scales { get; }

    /// <summary>Gets the weights [N, K].</summary>
    public float[] Weights { get; }

    /// <summary>The layer's tensors, packed along K.</summary>
    /// <param name="module">Name in front of <c>.qweight</c>.</param>
    /// <param name="storedZeroOffset">1 if the word holds zero point - 1.</param>
    public IEnumerable<SafetensorsEntry> Gptq(string module, int storedZeroOffset)
    {
        var codes = new uint[_inputs * _bits / 32 * _outputs];
        for (var n = 0; n < _outputs; n++)
        {
            for (var k = 0; k < _inputs; k++)
            {
                for (var bit = 0; bit < _bits; bit++)
                {
                    var position = (k * _bits) + bit;
                    codes[(position / 32 * _outputs) + n] |= (uint)((Codes[(n * _inputs) + k] >> bit) & 1) << (position % 32);
                }
            }
        }

        yield return Words(module + ".qweight", codes, _inputs * _bits / 32, _outputs);
        yield return Words(module + ".qzeros", PackZeros(storedZeroOffset, n => n * _bits), Groups, _outputs * _bits / 32);
        yield return ScaleEntry(module);
    }

    /// <summary>The layer's tensors in AWQ's layout: along N, interleaved, 4 bits.</summary>
    public IEnumerable<SafetensorsEntry> Awq(string module)
    {
        var codes = new uint[_inputs * _outputs / 8];
        for (var k = 0; k < _inputs; k++)
        {
            for (var n = 0; n < _outputs; n++)
                codes[(k * _outputs / 8) + (n / 8)] |= (uint)Codes[(n * _inputs) + k] << (4 * AwqNibble[n % 8]);
        }

        yield return Words(module + ".qweight", codes, _inputs, _outputs / 8);
        yield return Words(module + ".qzeros", PackZeros(0, n => (n / 8 * 32) + (4 * AwqNibble[n % 8])), Groups, _outputs / 8);
        yield return ScaleEntry(module);
    }

    private uint[] PackZeros(int offset, Func<int, int> position)
    {
        var words = _outputs * _bits / 32;
        var zeros = new uint[Groups * words];
        for (var group = 0; group < Groups; group++)
        {
            for (var n = 0; n < _outputs; n++)
            {
                for (var bit = 0; bit < _bits; bit++)
                {
                    var at = position(n) + bit;
                    var stored = Zeros[(n * Groups) + group] - offset;
                    zeros[(group * words) + (at / 32)] |= (uint)((stored >> bit) & 1) << (at % 32);
                }
            }
        }

        return zeros;
    }

    private static SafetensorsEntry Words(string name, uint[] words, int rows, int columns)
    {
        var bytes = new byte[words.Length * sizeof(uint)];
        Buffer.BlockCopy(words, 0, bytes, 0, bytes.Length);
        return SafetensorsEntry.Of(name, "I32", [rows, columns], bytes);
    }

    private SafetensorsEntry ScaleEntry(string module)
    {
        var bytes = new byte[Groups * _outputs * 2];
        for (var group = 0; group < Groups; group++)
        {
            for (var n = 0; n < _outputs; n++)
                BitConverter.TryWriteBytes(bytes.AsSpan(((group * _outputs) + n) * 2), (Half)Scales[(n * Groups) + group]);
        }

        return SafetensorsEntry.Of(module + ".scales", "F16", [Groups, _outputs], bytes);
    }
}
