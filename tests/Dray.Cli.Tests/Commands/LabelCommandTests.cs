using System.Diagnostics;
using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

/// <summary><c>dray label</c> on the demo model.</summary>
public sealed class LabelCommandTests : IDisposable
{
    private static readonly string Samples = Path.Combine(SharedFolder.Repository, "samples");
    private static readonly string Sentences = Path.Combine(Samples, "labelling", "sentences.csv");
    private static readonly string Prompt = Path.Combine(Samples, "labelling", "topic.txt");
    private static readonly string Schema = Path.Combine(Samples, "labelling", "topic.json");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Label_Sample_AgreesWithMostOfTheGoldColumn()
    {
        string[] command =
        [
            "label", Sentences, "--prompt", Prompt, "--column", "label", "--schema", Schema, "--gold", "topic", "--probability", "--output", _folder["out.csv"],
        ];

        var run = await CommandRun.Of([.. command, "--json"]);

        run.ExitCode.ShouldBe(0, run.Error);
        var agreement = JsonElement.Parse(run.Output).GetProperty("agreement");
        agreement.GetProperty("compared").GetInt32().ShouldBe(20);
        agreement.GetProperty("accuracy").GetDouble().ShouldBeGreaterThanOrEqualTo(0.75);
        agreement.GetProperty("kappa").GetDouble().ShouldBeGreaterThan(0.7);
        var lines = await File.ReadAllLinesAsync(_folder["out.csv"], Cancellation);
        lines[0].ShouldBe("id,text,topic,label,label.topic,label_probability,label_error");
        lines[1].ShouldStartWith("1,This soup needs more salt.,food,\"{\"\"topic\"\": \"\"food\"\"}\",food,0.9");
        JsonElement.Parse(await File.ReadAllTextAsync(_folder["out.csv.agreement.json"], Cancellation)).GetRawText().ShouldNotBeEmpty();
        (await File.ReadAllTextAsync(_folder["out.csv.agreement.md"], Cancellation)).ShouldContain("| food | 3 |");
        File.Exists(_folder["out.csv.agreement.png"]).ShouldBeTrue();
        (await CommandRun.Of(command)).ExitCode.ShouldBe(2, "the output is there");
    }

    [Fact]
    public async Task Label_Preview_ChoosesTheSameRowsAndWritesNothing()
    {
        string[] command = ["label", Sentences, "--prompt", Prompt, "--column", "label", "--choice", "food,sports,finance", "--preview", "4", "--price-in", "1", "--price-out", "2"];

        var first = await CommandRun.Of([.. command, "--json"]);
        var second = await CommandRun.Of([.. command, "--json"]);
        var other = await CommandRun.Of([.. command, "--seed", "7"]);

        (first.ExitCode, second.ExitCode, other.ExitCode).ShouldBe((0, 0, 0), first.Error);
        var (one, two) = (JsonElement.Parse(first.Output), JsonElement.Parse(second.Output));
        one.GetProperty("sample").GetRawText().ShouldBe(two.GetProperty("sample").GetRawText());
        one.GetProperty("prompt_tokens").GetInt64().ShouldBe(two.GetProperty("prompt_tokens").GetInt64());
        one.GetProperty("sample").GetArrayLength().ShouldBe(4);
        one.GetProperty("prompt_tokens").GetInt64().ShouldBeInRange(700, 1300, "20 rows have 981");
        one.GetProperty("cost").GetDouble().ShouldBeGreaterThan(0);
        other.Output.ShouldContain("All 20 rows, if they are like these 4");
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Label_PictureThatIsNone_FailsItsRowOnly()
    {
        File.Copy(Path.Combine(Samples, "jobs", "images", "sample-badge.png"), _folder["badge.png"]);
        _folder.Write("text.png", "not a picture");
        var data = _folder.Write("data.jsonl", "{\"picture\":\"badge.png\"}\n{\"picture\":\"text.png\"}\n{\"picture\":\"../../etc/passwd\"}\n{\"picture\":null}\n");

        var run = await CommandRun.Of(
            "label", data, "--prompt", _folder.Write("p.txt", "What is in this picture?"), "--image", "picture", "--column", "caption", "--output", _folder["out.jsonl"]);

        run.ExitCode.ShouldBe(1, run.Error);
        var rows = File.ReadLines(_folder["out.jsonl"]).Select(line => JsonElement.Parse(line)).ToArray();
        rows.Length.ShouldBe(4);
        rows[0].GetProperty("caption").GetString()!.ShouldContain("Adam Suzuki");
        rows[0].GetProperty("caption_error").ValueKind.ShouldBe(JsonValueKind.Null);
        rows[1].GetProperty("caption").ValueKind.ShouldBe(JsonValueKind.Null);
        rows[1].GetProperty("caption_error").GetString()!.ShouldStartWith("image_invalid: ");
        rows[2].GetProperty("caption_error").GetString()!.ShouldStartWith("invalid_request: ");
        rows[3].GetProperty("caption_error").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Theory]
    [InlineData(3, "names the column 'txet'", "--prompt", "WRONG")]
    [InlineData(2, "Only one of --schema, --choice, --choices and --regex", "--choice", "a,b", "--regex", "x")]
    [InlineData(2, "names 1 answers; give at least two", "--choice", "a,a")]
    [InlineData(3, "--gold' names the column 'right'", "--gold", "right")]
    [InlineData(3, "isn't supported", "--schema", "BAD")]
    [InlineData(3, "has a '(' without ')'", "--regex", "(")]
    [InlineData(2, "--temperature must be 0 to 2", "--temperature", "3")]
    public async Task Label_WrongUse_IsRefusedBeforeTheModelIsLoaded(int exitCode, string expected, params string[] more)
    {
        var wrong = _folder.Write("wrong.txt", "{{txet}}");
        var bad = _folder.Write("bad.json", "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"multipleOf\":3}}}");
        string[] prompt = more.Contains("--prompt") ? [] : ["--prompt", Prompt];
        string[] rest = [.. more.Select(text => text switch { "WRONG" => wrong, "BAD" => bad, _ => text })];

        var run = await CommandRun.Of(["label", Sentences, .. prompt, "--column", "label", "--output", _folder["out.csv"], .. rest]);

        run.ExitCode.ShouldBe(exitCode, run.Error);
        run.Error.ShouldContain(expected);
        run.Error.ShouldNotContain("InferenceEngine");
        File.Exists(_folder["out.csv"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Label_ProcessIsKilled_GoesOnWhereItWas()
    {
        var data = _folder.Write("data.csv", "text\n" + string.Concat(Enumerable.Range(0, 400).Select(row => $"Sentence {row} is about soup.\n")));
        var config = _folder.Write("dray.yaml", "chunk_rows: 10\nmax_rows_in_flight: 8\n");
        string[] Command(string output) =>
            ["label", data, "--prompt", Prompt, "--column", "label", "--choice", "food,sports,finance", "--config", config, "--device", "cpu", "--threads", "1", "--output", output];
        using (var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "dray"), Command(_folder["out.csv"])) { RedirectStandardError = true })!)
        {
            _ = process.StandardError.ReadToEndAsync(Cancellation);
            while (!process.HasExited && Chunks() < 2) await Task.Delay(5, Cancellation);
            process.Kill();
            await process.WaitForExitAsync(Cancellation);
            File.Exists(_folder["out.csv"]).ShouldBeFalse("it was killed half-way");
        }

        var again = await CommandRun.Of([.. Command(_folder["out.csv"]), "--json"]);
        var whole = await CommandRun.Of(Command(_folder["whole.csv"]));

        (again.ExitCode, whole.ExitCode).ShouldBe((0, 0), again.Error + whole.Error);
        JsonElement.Parse(again.Output).GetProperty("rows_resumed").GetInt32().ShouldBeInRange(20, 399);
        (await File.ReadAllTextAsync(_folder["out.csv"], Cancellation)).ShouldBe(await File.ReadAllTextAsync(_folder["whole.csv"], Cancellation));
        Directory.Exists(_folder["out.csv.dray"]).ShouldBeFalse();

        int Chunks() => Directory.Exists(_folder["out.csv.dray", "batch", ".dray"])
            ? Directory.EnumerateFiles(_folder["out.csv.dray", "batch", ".dray"], "0*.jsonl", SearchOption.AllDirectories)
                .Count(file => Path.GetFileName(Path.GetDirectoryName(file)) == "chunks")
            : 0;
    }
}
