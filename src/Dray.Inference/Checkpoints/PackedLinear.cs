using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dray.Inference.Checkpoints;

/// <summary>What the packed layouts share: <c>scales</c> [G, N], and <c>qzeros</c> [G, N·bits/32] packed along N.</summary>
internal abstract unsafe class PackedLinear : QuantizedLinear
{
    private const int StripRows = 16;

    private readonly PackedTensors _tensors;
    private readonly int _zeroBias;
    private readonly int _scaleBytes;

    /// <param name="name">The module's name.</param>
    /// <param name="outputs">N.</param>
    /// <param name="inputs">K.</param>
    /// <param name="bits">Bits of a code.</param>
    /// <param name="groupSize">Inputs that share a scale.</param>
    /// <param name="tensors">The three tensors, whose shapes have been checked.</param>
    /// <param name="zeroBias">What has to be added to a stored zero point.</param>
    protected PackedLinear(string name, int outputs, int inputs, int bits, int groupSize, PackedTensors tensors, int zeroBias)
        : base(name, outputs, inputs, bits, groupSize)
    {
        _tensors = tensors;
        _zeroBias = zeroBias;
        _scaleBytes = Widening.SizeOf(tensors.ScaleType);
    }

    /// <summary>Gets the packed codes.</summary>
    protected StoredTensor Codes => _tensors.Codes;

    /// <inheritdoc/>
    public sealed override void ReadGroup(int group, int first, Span<float> scales, Span<short> zeros)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)group, (uint)Groups, nameof(group));
        CheckStrip(first, scales.Length, 1, zeros.Length);
        var scaleRow = _tensors.Scales.Address + ((((long)group * Outputs) + first) * _scaleBytes);
        Widening.ToSingle(_tensors.ScaleType, new ReadOnlySpan<byte>(scaleRow, scales.Length * _scaleBytes), scales);
        _tensors.Scales.Consume((long)scales.Length * _scaleBytes, byRows: false);

        var words = _tensors.Zeros.Address + (group * ((long)Outputs * Bits / 32) * sizeof(uint));
        var mask = (1u << Bits) - 1;
        for (var column = 0; column < scales.Length; column++)
        {
            var bit = ZeroBit(first + column);
            var word = words + (bit / 32 * sizeof(uint));
            var value = Unsafe.ReadUnaligned<uint>(word) >> (int)(bit % 32);

            // Only 3-bit values straddle words, and the last one of a row never does.
            if ((bit % 32) + Bits > 32) value |= Unsafe.ReadUnaligned<uint>(word + sizeof(uint)) << (int)(32 - (bit % 32));
            zeros[column] = (short)((value & mask) + _zeroBias);
        }

        _tensors.Zeros.Consume((long)scales.Length * Bits / 8, byRows: false);
    }

    /// <inheritdoc/>
    public sealed override void ReadRows(int first, int count, Span<float> target)
    {
        CheckStrip(first, count, Inputs, target.Length);
        var rows = Math.Min(count, StripRows);
        var codes = ArrayPool<byte>.Shared.Rent(rows * Inputs);
        var scales = ArrayPool<float>.Shared.Rent(rows * Groups);
        var zeros = ArrayPool<short>.Shared.Rent(rows * Groups);
        try
        {
            for (var done = 0; done < count; done += rows)
            {
                rows = Math.Min(rows, count - done);
                ReadCodes(first + done, rows, codes);
                ReadScales(first + done, rows, scales, zeros);
                for (var row = 0; row < rows; row++)
                    DequantizeRow(row, codes, scales, zeros, target.Slice((done + row) * Inputs, Inputs));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(codes);
            ArrayPool<float>.Shared.Return(scales);
            ArrayPool<short>.Shared.Return(zeros);
        }
    }

    /// <summary>Where in a row of <c>qzeros</c> the zero point of an output starts, in bits.</summary>
    protected abstract long ZeroBit(int output);

    /// <summary>Throws unless the outputs exist and the target holds <paramref name="width"/> values of each.</summary>
    protected void CheckStrip(int first, int count, int width, int available)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Outputs - first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)count * width, available);
    }

    private void DequantizeRow(int row, ReadOnlySpan<byte> codes, ReadOnlySpan<float> scales, ReadOnlySpan<short> zeros, Span<float> target)
    {
        codes = codes.Slice(row * Inputs, Inputs);
        for (var group = 0; group < Groups; group++)
        {
            var start = group * GroupSize;
            var length = Math.Min(GroupSize, Inputs - start);
            Dequantize(
                codes.Slice(start, length), scales[(row * Groups) + group], zeros[(row * Groups) + group], target.Slice(start, length));
        }
    }

    private static void Dequantize(ReadOnlySpan<byte> codes, float scale, int zero, Span<float> target)
    {
        var i = 0;
        var width = Vector<float>.Count;
        for (; i <= codes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(codes[i..]), out var lower, out var upper);
            Vector.Widen(lower, out var a, out var b);
            Vector.Widen(upper, out var c, out var d);
            var offset = new Vector<int>(zero);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(a) - offset) * scale).CopyTo(target[i..]);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(b) - offset) * scale).CopyTo(target[(i + width)..]);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(c) - offset) * scale).CopyTo(target[(i + (2 * width))..]);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(d) - offset) * scale).CopyTo(target[(i + (3 * width))..]);
        }

        for (; i < codes.Length; i++)
            target[i] = scale * (codes[i] - zero);
    }
}
