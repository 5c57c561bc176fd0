using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class SavedRowTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    [InlineData(49_173)]
    public void Decode_WhatEncodeWrote_IsOffByHalfAStepFromTheGreatestDown(int length)
    {
        var random = new Random(length);
        float[] logits = [.. Enumerable.Range(0, length).Select(_ => 40 * random.NextSingle())];
        var bytes = new byte[SavedRow.Bytes(length)];
        var restored = new float[length];

        SavedRow.Encode(logits, bytes);
        SavedRow.Decode(bytes, restored);

        var greatest = logits.Max();
        restored.Max().ShouldBe(0);
        for (var i = 0; i < length; i++) restored[i].ShouldBe(logits[i] - greatest, (40f / 65535 / 2) + 1e-5f);
    }

    [Fact]
    public void Decode_RowOfEqualLogits_IsZeros()
    {
        float[] logits = [.. Enumerable.Repeat(3f, 50)];
        var bytes = new byte[SavedRow.Bytes(50)];
        var restored = new float[50];

        SavedRow.Encode(logits, bytes);
        SavedRow.Decode(bytes, restored);

        restored.ShouldAllBe(logit => logit == 0);
    }
}
