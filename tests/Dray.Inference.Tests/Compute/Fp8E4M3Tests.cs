using Dray.Inference.Compute;

namespace Dray.Inference.Tests.Compute;

public sealed class Fp8E4M3Tests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decode_EveryCode_IsTorchs(bool shared)
    {
        var rows = NumericGoldens.Open("fp8_e4m3fn.json", shared).GetProperty("decode");
        rows.GetArrayLength().ShouldBe(256);
        foreach (var row in rows.EnumerateArray())
        {
            var value = Fp8E4M3.Decode(row.GetProperty("code").GetByte());
            if (row.TryGetProperty("nan", out _)) value.ShouldBe(float.NaN);
            else BitConverter.SingleToUInt32Bits(value).ShouldBe(row.GetProperty("bits").GetUInt32());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Encode_ManyFloats_RoundsAndSaturatesAsTorchDoes(bool shared)
    {
        foreach (var row in NumericGoldens.Open("fp8_e4m3fn.json", shared).GetProperty("encode").EnumerateArray())
        {
            var (code, expected) = (Fp8E4M3.Encode(row[0].Float()), row[2].GetByte());
            if ((expected & 0x7f) == Fp8E4M3.NaN) (code & 0x7f).ShouldBe(Fp8E4M3.NaN);
            else code.ShouldBe(expected, $"{row[0].Float():R}");
        }
    }

    [Fact]
    public void Encode_DecodedCode_GivesTheCodeBack()
    {
        for (var code = 0; code < 256; code++)
        {
            if ((code & 0x7f) != Fp8E4M3.NaN) Fp8E4M3.Encode(Fp8E4M3.Decode((byte)code)).ShouldBe((byte)code);
        }
    }

    [Theory]
    [InlineData(464.1f, 0x7e)]
    [InlineData(float.MaxValue, 0x7e)]
    [InlineData(float.PositiveInfinity, 0x7e)]
    [InlineData(float.NegativeInfinity, 0xfe)]
    [InlineData(-0f, 0x80)]
    [InlineData(1f / 1024, 0x00)]
    [InlineData(1f / 1023, 0x01)]
    public void Encode_Edge_SaturatesAndRoundsToEven(float value, byte expected) => Fp8E4M3.Encode(value).ShouldBe(expected);
}
