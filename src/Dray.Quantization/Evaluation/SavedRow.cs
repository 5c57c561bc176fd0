using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Dray.Inference.Sampling;

namespace Dray.Quantization.Evaluation;

/// <summary>
/// A row of logits in 16 bits each: a float32 step, then how many steps each logit is below the greatest. What all logits have in common is lost,
/// and doesn't matter to the distribution. With 65,535 steps over the row's whole range, 30 to 40 nats in language models, a restored logit is off by 3e-4 at most.
/// </summary>
/// <remarks>llama.cpp's file does the same, but cuts log-probabilities below -16.</remarks>
internal static class SavedRow
{
    private const float Steps = ushort.MaxValue;

    /// <summary>The bytes of a row.</summary>
    public static int Bytes(int vocabulary) => sizeof(float) + (vocabulary * sizeof(ushort));

    /// <summary>Writes a row.</summary>
    public static void Encode(ReadOnlySpan<float> logits, Span<byte> target)
    {
        var greatest = LogitKernels.Max(logits);
        var step = (greatest - Least(logits)) / Steps;
        BinaryPrimitives.WriteSingleLittleEndian(target, step);
        var perStep = step > 0 ? 1 / step : 0;
        var codes = MemoryMarshal.Cast<byte, ushort>(target[sizeof(float)..]);
        Vector<float> maxima = new(greatest), factors = new(perStep), halves = new(0.5f), most = new(Steps);
        var i = 0;
        for (; i <= logits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Narrow(Code(logits[i..]), Code(logits[(i + Vector<float>.Count)..])).CopyTo(codes[i..]);

            Vector<uint> Code(ReadOnlySpan<float> values) =>
                Vector.ConvertToInt32(Vector.Min(((maxima - new Vector<float>(values)) * factors) + halves, most)).As<int, uint>();
        }

        for (; i < logits.Length; i++) codes[i] = (ushort)Math.Min(((greatest - logits[i]) * perStep) + 0.5f, Steps);
    }

    /// <summary>Reads a row; its greatest logit becomes 0.</summary>
    public static void Decode(ReadOnlySpan<byte> source, Span<float> logits)
    {
        var step = -BinaryPrimitives.ReadSingleLittleEndian(source);
        var codes = MemoryMarshal.Cast<byte, ushort>(source[sizeof(float)..]);
        var factors = new Vector<float>(step);
        var i = 0;
        for (; i <= logits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(codes[i..]), out var low, out var high);
            (Vector.ConvertToSingle(low.As<uint, int>()) * factors).CopyTo(logits[i..]);
            (Vector.ConvertToSingle(high.As<uint, int>()) * factors).CopyTo(logits[(i + Vector<float>.Count)..]);
        }

        for (; i < logits.Length; i++) logits[i] = codes[i] * step;
    }

    private static float Least(ReadOnlySpan<float> values)
    {
        var least = float.PositiveInfinity;
        var lanes = new Vector<float>(least);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count) lanes = Vector.Min(lanes, new Vector<float>(values[i..]));
        for (var lane = 0; lane < Vector<float>.Count; lane++) least = MathF.Min(least, lanes[lane]);
        for (; i < values.Length; i++) least = MathF.Min(least, values[i]);
        return least;
    }
}
