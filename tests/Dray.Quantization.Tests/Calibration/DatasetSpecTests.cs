using Dray.Quantization.Calibration;

namespace Dray.Quantization.Tests.Calibration;

public sealed class DatasetSpecTests
{
    [Fact]
    public void Parse_AllOptions_ReadsEach()
    {
        var spec = DatasetSpec.Parse(
            " code.jsonl : num = 64 : concat , ./hub:split=train+test:apply_chat_template=false, " +
            "tools.json:concat=True:repeat=5:system_prompt=You are terse.,\"C:\\my, data\\a.txt\":num=3");

        spec.Sources.Count.ShouldBe(4);
        spec.Sources[0].ShouldBe(new DatasetSource { Path = "code.jsonl", Count = 64, Concatenate = true });
        spec.Sources[1].Path.ShouldBe("./hub");
        spec.Sources[1].Splits.ShouldBe(["train", "test"]);
        spec.Sources[1].ApplyChatTemplate.ShouldBeFalse();
        spec.Sources[2].ShouldBe(new DatasetSource
        {
            Path = "tools.json", Concatenate = true, Repeat = 5, ApplyChatTemplate = true, SystemPrompt = "You are terse.",
        });
        spec.Sources[3].ShouldBe(new DatasetSource { Path = "C:\\my, data\\a.txt", Count = 3 });
    }

    [Fact]
    public void Parse_QuotedSystemPrompt_KeepsCommasAndColons() =>
        DatasetSpec.Parse("a.txt:system_prompt=\"Be kind, and: terse.\"").Sources[0].SystemPrompt.ShouldBe("Be kind, and: terse.");

    [Theory]
    [InlineData(" ", "The data set is empty; give the path")]
    [InlineData("a.txt,,b.txt", "The data set entry '' has no path")]
    [InlineData("a.txt:num=", "The data set entry 'a.txt:num=' has 'num' without a value; write num=VALUE.")]
    [InlineData("a.txt:num", "has 'num' without a value")]
    [InlineData("a.txt:num=0", "has num=0; write a whole number from 1 to 1000000.")]
    [InlineData("a.txt:num=1e3", "has num=1e3")]
    [InlineData("a.txt:repeat=5000", "has repeat=5000; write a whole number from 1 to 1000.")]
    [InlineData("a.txt:concat=yes", "has concat=yes; write concat or concat=false.")]
    [InlineData("a.txt:split=train+", "has an empty split")]
    [InlineData("a.txt:shuffle", "has the option 'shuffle'; the options are split=")]
    [InlineData("C:\\data\\a.txt", "A path with a colon or comma needs double quotes around it.")]
    [InlineData("\"a.txt:num=3", "has a double quote that isn't closed")]
    public void Parse_Nonsense_NamesEntryAndRemedy(string text, string expected) =>
        Should.Throw<CalibrationException>(() => DatasetSpec.Parse(text)).Message.ShouldContain(expected);
}
