using System.Text;
using Parquet;
using Parquet.Serialization;
using Dray.Quantization.Calibration;
using Dray.Quantization.Calibration.Conversations;
using Dray.Quantization.Calibration.Records;

namespace Dray.Quantization.Tests.Calibration.Records;

public sealed class RecordFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_JsonLines_CountsLinesAndSkipsBlankOnes() =>
        Read("a.jsonl", "\uFEFF{\"text\": \"a\"}\r\n\n  \n\"b\"\n\"last\"").ShouldBe(
            [("line 1", "{\"text\": \"a\"}\r"), ("line 4", "\"b\""), ("line 5", "\"last\"")]);

    [Fact]
    public void Read_ALineOverTheLimit_IsRefusedAndTheNextOneRead()
    {
        var file = _folder.Write("long.jsonl", $"\"{new string('x', RecordLimits.RecordBytes)}\"\n\"b\"\n");
        var records = RecordFile.Read(file).ToArray();

        records.Length.ShouldBe(2);
        Should.Throw<RecordException>(() => RecordReader.Read(records[0])).Message.ShouldBe("is longer than 16777216 bytes");
        records[1].At.ShouldBe($"line 2 of '{file}'");
        RecordReader.Read(records[1]).Text.ShouldBe("b");
    }

    [Theory]
    [InlineData("""[{"text": "a"}, "b"]""")]
    [InlineData("""{"first": {"text": "a"}, "second": "b"}""")]
    public void Read_Json_GivesTheItems(string json) =>
        Read("a.json", json).ShouldBe([("item 1", """{"text": "a"}"""), ("item 2", "\"b\"")]);

    [Theory]
    [InlineData("\"text\"", "must hold a JSON list of records, or an object of records.")]
    [InlineData("{\"a\": 1}\n{\"a\": 2}", "A file with a record per line must be named .jsonl.")]
    public void Read_OtherJson_IsRefused(string json, string expected)
    {
        var file = _folder.Write("a.json", json);
        Should.Throw<CalibrationException>(() => RecordFile.Read(file).ToArray()).Message.ShouldEndWith(expected);
    }

    [Fact]
    public void Read_Csv_NamesFieldsByTheHeader() =>
        Read("a.csv", "instruction,output\n\"Say \"\"hi\"\",\nplease\",hé\nshort\n").ShouldBe(
        [
            ("row 1", "{\"instruction\":\"Say \\\"hi\\\",\\nplease\",\"output\":\"hé\"}"),
            ("row 2", "{\"instruction\":\"short\"}"),
        ]);

    [Fact]
    public void Read_Tsv_IsSeparatedByTabs() => Read("a.tsv", "text\tid\na,b\t1\n").ShouldBe([("row 1", """{"text":"a,b","id":"1"}""")]);

    [Fact]
    public void Read_Text_IsOneRecord() => Read("notes.md", "# A\n\nb\n").ShouldBe([("", "# A\n\nb\n")]);

    [Fact]
    public void Read_Bytes_AreRefused()
    {
        var file = _folder["picture.bin"];
        File.WriteAllBytes(file, [0x89, 0x50, 0, 1]);
        Should.Throw<CalibrationException>(() => RecordFile.Read(file).ToArray()).Message.ShouldStartWith($"The calibration file '{file}' isn't UTF-8 text");
    }

    [Fact]
    public async Task Read_Parquet_GivesRowsOfAllGroupsWithWhatTheyNest()
    {
        var file = _folder["a.parquet"];
        Row[] rows =
        [
            new("1", [new Turn("human", "hi"), new Turn("gpt", "hé")]),
            new(null, []),
            new("3", [new Turn("human", "x")]),
        ];
        await ParquetSerializer.SerializeAsync(rows, file, new ParquetOptions { RowGroupSize = 2 }, cancellationToken: TestContext.Current.CancellationToken);

        RecordFile.Read(file).Select(record => (record.Place, Encoding.UTF8.GetString(record.Utf8))).ShouldBe(
        [
            ("row 1", """{"Id":"1","conversations":[{"from":"human","value":"hi"},{"from":"gpt","value":"hé"}]}"""),
            ("row 2", """{"conversations":[]}"""),
            ("row 3", """{"Id":"3","conversations":[{"from":"human","value":"x"}]}"""),
        ]);
    }

    /// <summary>A file by Arrow's C++ writer, which pyarrow and the Hub use: lists of structs in lists of structs, nulls in between.</summary>
    [Fact]
    public void Read_ArrowsParquet_PutsNestedValuesInTheirPlaces()
    {
        var file = Path.Combine(SharedFolder.Repository, "tests", "Dray.Quantization.Tests", "Calibration", "Records", "arrow.parquet");
        RecordFile.Read(file).Select(record => Encoding.UTF8.GetString(record.Utf8)).ShouldBe(
        [
            """{"messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"c1","function":{"name":"sky","arguments":"{}"}},""" +
            """{"function":{"name":"sea","arguments":"{\"a\":1}"}}]},{"role":"tool","content":"r"}],"n":1}""",
            """{"messages":[],"n":2}""",
            """{"messages":[{"role":"user","content":"q2"},{"role":"assistant","tool_calls":[{"id":"c3","function":{"name":"air"}}]},""" +
            """{"role":"assistant","content":"bye"}],"n":3}""",
        ]);
    }

    [Fact]
    public void Read_DamagedParquet_NamesTheFile()
    {
        var file = _folder.Write("a.parquet", "PAR1 and then nothing of the kind PAR1");
        Should.Throw<CalibrationException>(() => RecordFile.Read(file).ToArray()).Message
            .ShouldStartWith($"The calibration file '{file}' can't be read as Parquet: ");
    }

    [Fact]
    public void Of_AFolder_FindsTheFilesOfASplitInOrder()
    {
        foreach (var name in new[] { "README.md", "data/train-00001-of-00002.parquet", "data/train-00000-of-00002.parquet", "data/test.jsonl", "trained.jsonl", ".git/train.jsonl", "train.png" })
            _folder.Write(name, "");

        Names(["train"]).ShouldBe(["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"]);
        Names(["train", "test"]).ShouldBe(["data/test.jsonl", "data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"]);
        Names([]).Count().ShouldBe(4);
        Should.Throw<CalibrationException>(() => Names(["dev"])).Message.ShouldEndWith("whose name begins with dev; correct or leave out split=.");

        IEnumerable<string> Names(string[] splits) => SourceFiles.Of(new DatasetSource { Path = _folder.Path, Splits = splits })
            .Select(file => Path.GetRelativePath(_folder.Path, file).Replace('\\', '/'));
    }

    [Fact]
    public void Of_AFileWithSplits_IsRefused()
    {
        var file = _folder.Write("a.jsonl", "");
        Should.Throw<CalibrationException>(() => SourceFiles.Of(new DatasetSource { Path = file, Splits = ["train"] })).Message
            .ShouldEndWith("is a file, which has no splits; take split=train out.");
    }

    private (string Place, string Content)[] Read(string name, string content) =>
        [.. RecordFile.Read(_folder.Write(name, content)).Select(record => (record.Place, Encoding.UTF8.GetString(record.Utf8)))];

    private sealed record Row(string? Id, List<Turn> conversations)
    {
        public Row() : this(null, []) { }
    }

    private sealed record Turn(string from, string value)
    {
        public Turn() : this("", "") { }
    }
}
