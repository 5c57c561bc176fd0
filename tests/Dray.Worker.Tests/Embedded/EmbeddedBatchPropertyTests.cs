using CsCheck;
using Dray.Worker.Input;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Embedded;

public sealed class EmbeddedBatchPropertyTests
{
    private static readonly Gen<string> Line = Gen.OneOf(
        Gen.Select(Gen.Int[0, 9], Texts("hello", "fail", "too long", "tools")).Select((id, prompt) => JobLines.Line($"row-{id}", prompt)),
        Gen.Int[0, 9].Select(id => JobLines.Line($"line-{id}", "hello")),
        Texts("", "  ", "{", "[]", "nul", "{\"custom_id\":\"row-1\"}", "{\"custom_id\":\"\\ud800\"}", "\u00e9", "\"\\u0000\""),
        Gen.Int[0, 9].Select(id => JobLines.Line($"row-{id}", "see", "../x.png")));

    [Fact]
    public void RunAsync_AnyInput_GivesEveryRowOnceAndEveryNameOnce() => Gen.Select(Line.List[0, 20], Gen.Int[1, 6]).Sample(
        (lines, chunkRows) =>
        {
            var input = string.Join('\n', lines);
            var expected = lines.Count(line => line.Trim().Length > 0);
            if (expected == 0) return;
            using var fixture = new EmbeddedFixture();
            fixture.Worker.ChunkRows = chunkRows;

            var summary = fixture.RunAsync(input).GetAwaiter().GetResult();

            var output = fixture.Rows("output.jsonl");
            var errors = fixture.Rows("errors.jsonl");
            (summary.Counts.Total, summary.Counts.Completed, summary.Counts.Failed).ShouldBe((expected, output.Length, errors.Length));
            (output.Length + errors.Length).ShouldBe(expected);
            output.ShouldAllBe(row => row.IsSuccess);
            errors.ShouldAllBe(row => !row.IsSuccess);
            var names = output.Concat(errors).Select(row => row.CustomId).ToArray();
            names.ShouldBeUnique();
            foreach (var own in lines.Select(line => CustomIdReader.TryRead(System.Text.Encoding.UTF8.GetBytes(line))).OfType<string>()) names.ShouldContain(own);
        },
        iter: 30,
        threads: 1);

    private static Gen<string> Texts(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
