using Dray.Inference.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class WideningTests
{
    [Fact]
    public void ToSingle_EveryHalf_EqualsTheFrameworksConversion()
    {
        var (bytes, values) = AllCodes();
        Widening.ToSingle(DataType.Float16, bytes, values);
        for (var code = 0; code < values.Length; code++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf((ushort)code);
            if (float.IsNaN(expected))
                values[code].ShouldBe(float.NaN);
            else
                BitConverter.SingleToInt32Bits(values[code]).ShouldBe(BitConverter.SingleToInt32Bits(expected));
        }
    }

    [Fact]
    public void ToSingle_EveryBFloat16_IsTheUpperHalfOfAFloat()
    {
        var (bytes, values) = AllCodes();
        Widening.ToSingle(DataType.BFloat16, bytes, values);
        for (var code = 0; code < values.Length; code++)
            BitConverter.SingleToUInt32Bits(values[code]).ShouldBe((uint)code << 16);
    }

    [Fact]
    public void ToSingle_UnalignedTail_ConvertsEveryElement()
    {
        var source = new byte[1 + (2 * 37)];
        for (var i = 0; i < 37; i++)
            BitConverter.TryWriteBytes(source.AsSpan(1 + (2 * i)), (Half)i);
        var values = new float[37];
        Widening.ToSingle(DataType.Float16, source.AsSpan(1), values);
        values.ShouldBe(Enumerable.Range(0, 37).Select(i => (float)i));
    }

    private static (byte[] Bytes, float[] Values) AllCodes()
    {
        var bytes = new byte[2 * 65536];
        for (var code = 0; code < 65536; code++)
            BitConverter.TryWriteBytes(bytes.AsSpan(2 * code), (ushort)code);
        return (bytes, new float[65536]);
    }
}
