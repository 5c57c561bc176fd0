using Dray.Inference.Compute;

namespace Dray.Inference.Tests.Compute;

public sealed class BrainFloatTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EncodeAndDecode_ManyFloats_AreTorchs(bool shared)
    {
        foreach (var row in NumericGoldens.Open("bf16.json", shared).GetProperty("cases").EnumerateArray())
        {
            var code = BrainFloat.Encode(row[0].Float());
            if (row[3].GetInt32() == 1)
            {
                BrainFloat.Decode(code).ShouldBe(float.NaN);
                continue;
            }

            code.ShouldBe(row[1].GetUInt16(), $"{row[0].Float():R}");
            BitConverter.SingleToUInt32Bits(BrainFloat.Decode(code)).ShouldBe(row[2].GetUInt32());
        }
    }
}
