namespace Dray.Quantization.Evaluation;

/// <summary>Some random values that synthetic weights repeat. The period is a prime, so that rows of a matrix differ.</summary>
internal static class SyntheticNoise
{
    private const int Period = 1_000_003;

    /// <summary>Gets 4-bit codes, one a byte.</summary>
    public static byte[] Codes { get; } = Make(random => (byte)random.Next(16));

    /// <summary>Gets bf16 numbers from -1 to 1.</summary>
    public static ushort[] BrainFloats { get; } = Make(random => (ushort)(BitConverter.SingleToUInt32Bits((random.NextSingle() * 2) - 1) >> 16));

    /// <summary>Copies the noise from an element on, as if it went on for ever.</summary>
    public static void Copy<T>(T[] noise, long first, Span<T> target)
    {
        var at = (int)(first % Period);
        while (target.Length > 0)
        {
            var count = Math.Min(target.Length, Period - at);
            noise.AsSpan(at, count).CopyTo(target);
            target = target[count..];
            at = 0;
        }
    }

    private static T[] Make<T>(Func<Random, T> next)
    {
        var random = new Random(1);
        var values = new T[Period];
        for (var i = 0; i < values.Length; i++) values[i] = next(random);
        return values;
    }
}
