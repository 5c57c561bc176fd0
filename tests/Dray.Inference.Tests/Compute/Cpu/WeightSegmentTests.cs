using CsCheck;
using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed class WeightSegmentTests
{
    [Fact]
    public void Divide_GroupsLongerThanASegment_CutsThemAtMultiples() =>
        WeightSegment.Divide(inputs: 400, groupSize: 192, perWord: 8).ShouldBe(
        [
            new WeightSegment(0, 128, 0, 0),
            new WeightSegment(128, 64, 16, 0),
            new WeightSegment(192, 128, 24, 1),
            new WeightSegment(320, 64, 40, 1),
            new WeightSegment(384, 16, 48, 2),
        ]);

    [Fact]
    public void Divide_AnyShape_CoversTheInputsOnceAndNeverCrossesAGroup() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Int[1, 600], Gen.OneOf(Gen.Const(1), Gen.Const(2), Gen.Const(4), Gen.Const(8))).Sample((inputs, groupSize, perWord) =>
        {
            var (input, word) = (0, 0);
            foreach (var segment in WeightSegment.Divide(inputs, groupSize, perWord))
            {
                segment.FirstInput.ShouldBe(input);
                segment.FirstWord.ShouldBe(word);
                segment.Length.ShouldBeInRange(1, WeightSegment.MaxInputs);
                segment.Group.ShouldBe(input / groupSize);
                ((input + segment.Length - 1) / groupSize).ShouldBe(segment.Group);
                input += segment.Length;
                word += (segment.Length + perWord - 1) / perWord;
            }

            input.ShouldBe(inputs);
        }, iter: 200);
}
