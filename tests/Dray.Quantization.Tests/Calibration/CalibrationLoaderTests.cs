using System.Text.RegularExpressions;
using Dray.Inference.Tokenization;
using Dray.Quantization.Calibration;

namespace Dray.Quantization.Tests.Calibration;

public sealed class CalibrationLoaderTests : IDisposable
{
    private static readonly string Examples = Path.Combine(SharedFolder.Repository, "samples", "calibration");
    private static readonly string Demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");
    private static readonly TekkenTokenizer Tokenizer = TekkenTokenizer.Load(Path.Combine(Demo, "tekken.json"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_TheReadmesMix_MakesLongSamplesOfAllSources()
    {
        var readme = File.ReadAllText(Path.Combine(Examples, "README.md"));
        var mix = Regex.Match(readme, "--dataset \"([^\"]+)\"").Groups[1].Value.Replace("\\\n", "", StringComparison.Ordinal);
        mix.ShouldContain("domain.md:repeat=5");
        var load = Load(mix.Replace("samples/calibration", Examples, StringComparison.Ordinal), samples: 6, length: 2048);

        load.Warnings.ShouldBeEmpty();
        load.Set.Samples.Count.ShouldBe(6);
        var text = string.Concat(load.Set.Samples.Select(sample => Tokenizer.Decode(sample, SpecialTokenPolicy.Keep)));
        foreach (var part in new[] { "static double Median", "[TOOL_CALLS]find_order[CALL_ID]", "[TOOL_CALLS]prime_factors[CALL_ID]", "The tide mill", "How we read invoices" })
            text.ShouldContain(part);
        foreach (var sample in load.Set.Samples)
        {
            sample.Length.ShouldBe(2048);
            sample[0].ShouldBe(Tokenizer.Bos);
        }
    }

    [Fact]
    public void Load_TheSameSeed_MakesTheSameSamples()
    {
        var spec = $"{Examples}/code.jsonl:concat, {Examples}/prose.txt:concat";
        var once = Load(spec, samples: 8, length: 128, seed: 7).Set.Samples;
        Load(spec, samples: 8, length: 128, seed: 7).Set.Samples.ShouldBe(once);
        Load(spec, samples: 8, length: 128, seed: 8).Set.Samples.ShouldNotBe(once);
    }

    [Fact]
    public void Load_SourcesWithNumbers_TakesAsManyOfEach()
    {
        var letters = Write("letters.jsonl", Enumerable.Range(0, 30).Select(_ => "\"" + Words("alpha", 40) + "\""));
        var digits = Write("digits.jsonl", Enumerable.Range(0, 30).Select(_ => "\"" + Words("7 1", 40) + "\""));

        var load = Load($"{letters}:num=5, {digits}", samples: 16, length: 32);

        load.Warnings.ShouldBeEmpty();
        load.Set.Samples.Count.ShouldBe(16);
        load.Set.Samples.Count(sample => Tokenizer.Decode(sample).Contains("alpha", StringComparison.Ordinal)).ShouldBe(5);
    }

    [Fact]
    public void Load_ARepeatedSource_UsesItsRecordsAsOften()
    {
        var file = Write("one.jsonl", ["\"" + Words("alpha", 40) + "\""]);
        Load($"{file}:repeat=5", samples: 5, length: 32).Set.Samples.Count.ShouldBe(5);
    }

    [Fact]
    public void Load_FewerSamplesThanAsked_GoesOnAndSaysHowManyThereAre()
    {
        var file = Write("few.jsonl", ["\"" + Words("alpha", 40) + "\"", "\"short\"", "\"short, too\""]);

        var load = Load(file, samples: 8, length: 32);

        load.Set.Samples.Count.ShouldBe(1);
        load.Warnings.ShouldHaveSingleItem().ShouldBe(
            "There is little calibration text. Samples of 32 tokens asked for: 8; found and used: 1. " +
            $"In '{file}': records: 3; samples: 1; texts shorter than a sample: 2 (':concat' joins them).");
    }

    [Fact]
    public void Load_ASourceWithLessThanItsNumber_LetsTheOthersGiveTheRest()
    {
        var few = Write("few.jsonl", ["\"" + Words("alpha", 40) + "\""]);
        var many = Write("many.jsonl", Enumerable.Repeat("\"" + Words("beta", 40) + "\"", 20));

        var load = Load($"{few}:num=4,{many}", samples: 8, length: 32);

        load.Set.Samples.Count.ShouldBe(8);
        load.Warnings.ShouldHaveSingleItem().ShouldBe($"In '{few}': records: 1; samples: 1. Asked for: 4; the other sources give the rest.");
    }

    [Fact]
    public void Load_NoSample_SaysHowManyAreNeeded()
    {
        var file = Write("short.jsonl", ["\"short\""]);
        Should.Throw<CalibrationException>(() => Load(file, samples: 8, length: 32)).Message.ShouldBe(
            "There is too little calibration text. Samples of 32 tokens needed: 8; found: 0. " +
            $"In '{file}': records: 1; samples: 0; texts shorter than a sample: 1 (':concat' joins them). " +
            "Give more or longer texts, or shorter samples.");
    }

    [Fact]
    public void Load_AnEmptyFile_IsTooLittle() => Should.Throw<CalibrationException>(() => Load(_folder.Write("empty.jsonl", ""), 8, 32))
        .Message.ShouldContain("records: 0; samples: 0.");

    [Fact]
    public void Load_BadRecords_LeavesThemOutAndNamesThem()
    {
        var good = "\"" + Words("alpha", 40) + "\"";
        var file = Write("some.jsonl", [good, "{\"text\": ", good, "{\"id\": 4, \"title\": \"x\"}", good]);

        var load = Load(file, samples: 4, length: 32);

        load.Set.Samples.Count.ShouldBe(3);
        load.Warnings.Count.ShouldBe(2);
        load.Warnings[0].ShouldStartWith($"2 of 5 records of the calibration data '{file}' were left out: line 2 of '{file}' isn't JSON");
        load.Warnings[0].ShouldContain($"; line 4 of '{file}' has none of the fields that are read: text, messages");
    }

    [Fact]
    public void Load_MostlyBadRecords_RefusesTheSource()
    {
        var file = Write("bad.jsonl", ["{\"id\": 1}", "{\"id\": 2}", "\"" + Words("alpha", 40) + "\""]);
        Should.Throw<CalibrationException>(() => Load(file, samples: 4, length: 32)).Message
            .ShouldStartWith($"2 of 3 records of the calibration data '{file}' can't be used: line 1 of '{file}' has none of the fields");
    }

    [Fact]
    public void Load_AHubName_SaysThatNothingIsDownloaded() =>
        Should.Throw<CalibrationException>(() => Load("NeelNanda/pile-10k:num=256", 8, 32)).Message.ShouldContain(
            "'NeelNanda/pile-10k' is neither a file nor a folder. Dray downloads nothing: save");

    [Fact]
    public void Load_PlainTexts_BeginAsTheTokenizerSays()
    {
        var file = Write("text.jsonl", ["\"" + Words("alpha", 40) + "\""]);
        Load(file, samples: 1, length: 32).Set.Samples[0][0].ShouldBe(Tokenizer.Bos);
        new CalibrationLoader(Tokenizer, new TextBoundaries(Bos: false, Eos: true)).Load(DatasetSpec.Parse(file), 1, 32, 42)
            .Set.Samples[0].ShouldBe([.. Tokenizer.Encode(Words("alpha", 40)).AsSpan(0, 31), Tokenizer.Eos]);
    }

    [Fact]
    public void Load_AChatTemplate_ShowsTextsAsAUsersMessage()
    {
        var file = Write("text.jsonl", ["\"" + Words("alpha", 40) + "\""]);
        Beginning($"{file}:apply_chat_template").ShouldStartWith("<s>[SYSTEM_PROMPT]You are a helpful assistant.[/SYSTEM_PROMPT][INST]alpha 0");
        Beginning($"{file}:system_prompt=Be terse.").ShouldStartWith("<s>[SYSTEM_PROMPT]Be terse.[/SYSTEM_PROMPT][INST]alpha 0");

        string Beginning(string spec) => Tokenizer.Decode(Load(spec, samples: 1, length: 32).Set.Samples[0], SpecialTokenPolicy.Keep);
    }

    private static CalibrationLoad Load(string spec, int samples, int length, int seed = 42) =>
        new CalibrationLoader(Tokenizer, TextBoundaries.Of(Demo)).Load(DatasetSpec.Parse(spec), samples, length, seed);

    private string Write(string name, IEnumerable<string> lines) => _folder.Write(name, string.Join('\n', lines) + "\n");

    private static string Words(string word, int count) => string.Join(' ', Enumerable.Repeat(word, count).Select((text, i) => $"{text} {i}"));
}
