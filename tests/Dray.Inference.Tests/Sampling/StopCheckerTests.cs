using System.Text;
using CsCheck;
using Dray.Inference.Sampling;

namespace Dray.Inference.Tests.Sampling;

public sealed class StopCheckerTests
{
    [Fact]
    public void Append_StopAcrossPieces_ReleasesOnlyTheTextBefore()
    {
        var checker = Checker("</answer>");
        checker.Append("42</", 1).ShouldBe(new StopStep("42", null));
        checker.Append("ans", 2).ShouldBe(new StopStep("", null));
        checker.Append("wer> and more", 3).ShouldBe(new StopStep("", "</answer>"));
        checker.Flush().ShouldBe("");
    }

    [Fact]
    public void Append_FalseBeginning_IsReleased()
    {
        var checker = Checker("abcd");
        checker.Append("xab", 1).ShouldBe(new StopStep("x", null));
        checker.Append("ab", 2).ShouldBe(new StopStep("ab", null));
        checker.Append("cx", 3).ShouldBe(new StopStep("abcx", null));
    }

    [Fact]
    public void Flush_AnswerEndsInsideABeginning_ReturnsIt()
    {
        var checker = Checker("END");
        checker.Append("the EN", 1).Text.ShouldBe("the ");
        checker.Flush().ShouldBe("EN");
        checker.Flush().ShouldBe("");
    }

    [Theory]
    [InlineData("xabcy", "x", "abc", "abc", "c")]
    [InlineData("xabcy", "xa", "b", "abc", "b")]
    [InlineData("aab", "a", "ab", "ab", "zz")]
    public void Append_SeveralStops_TheFirstToEndCounts(string text, string released, string met, string one, string other) =>
        Checker(one, other).Append(text, 1).ShouldBe(new StopStep(released, met));

    [Fact]
    public void Append_StopWithinMinTokens_DoesNotCount()
    {
        var checker = new StopChecker(new SamplingParams { Stop = ["stop"], MinTokens = 2 });
        checker.Append("x", 1).ShouldBe(new StopStep("x", null));
        checker.Append("stop st", 2).ShouldBe(new StopStep("stop ", null));
        checker.Append("op", 3).ShouldBe(new StopStep("", "stop"));
    }

    [Fact]
    public void Append_NoStops_ReleasesEverything() => Checker().Append("text", 1).ShouldBe(new StopStep("text", null));

    [Fact]
    public void Append_AnyPieces_GiveWhatTheWholeTextGives()
    {
        var text = Gen.Char["abc"].Array[0, 30].Select(letters => new string(letters));
        var stops = Gen.Char["abc"].Array[1, 4].Select(letters => new string(letters)).Array[1, 3];
        Gen.Select(text, stops, Gen.Int[1, 5].Array[30]).Sample((answer, stopStrings, sizes) =>
        {
            var (expected, stop) = Direct(answer, stopStrings);
            var checker = Checker(stopStrings);
            var released = new StringBuilder();
            string? met = null;
            var token = 0;
            for (var at = 0; at < answer.Length && met is null; at += sizes[token], token++)
            {
                var step = checker.Append(answer.Substring(at, Math.Min(sizes[token], answer.Length - at)), token + 1);
                released.Append(step.Text);
                met = step.Stop;
            }

            if (met is null) released.Append(checker.Flush());
            met.ShouldBe(stop);
            released.ToString().ShouldBe(expected);
        });
    }

    private static StopChecker Checker(params string[] stops) => new(new SamplingParams { Stop = stops });

    private static (string Text, string? Stop) Direct(string text, string[] stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var met = stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length);
            if (met is not null) return (text[..(end - met.Length)], met);
        }

        return (text, null);
    }
}
