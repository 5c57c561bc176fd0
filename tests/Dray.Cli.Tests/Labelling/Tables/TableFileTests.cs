using System.Text;
using System.Text.Json;
using Dray.Cli.Labelling.Tables;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;

namespace Dray.Cli.Tests.Labelling.Tables;

/// <summary>Data files of each format, written by the libraries that people use, to each format with a column added.</summary>
public sealed class TableFileTests : IDisposable
{
    private static readonly TableColumn[] Added = [new("label", ColumnKind.Text), new("score", ColumnKind.Number)];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Csv_ToCsv_KeepsEveryByteOfTheRows()
    {
        var file = _folder.Write("a.csv", "\uFEFFid;text;text\r\n1;\"x;\"\"y\"\"\nz\";\r\n\r\n2;'é🎉\r\n3;=1+1;\"\"\r\n");

        var written = await CopyAsync(file, "b.csv");

        written.ShouldBe(
            "\uFEFFid;text;text;label;score\r\n1;\"x;\"\"y\"\"\nz\";;l;0.5\r\n2;'é🎉;;\"a;\n\"\"b\";\r\n3;=1+1;\"\";;1\r\n");
    }

    [Fact]
    public async Task Csv_HeaderOnly_GetsNoRows()
    {
        (await CopyAsync(_folder.Write("a.csv", "id,text\n"), "b.csv")).ShouldBe("id,text,label,score\n");
        (await CopyAsync(_folder.Write("b.tsv", "id\ttext"), "c.jsonl")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Csv_ToTsv_IsQuotedAnew() =>
        (await CopyAsync(_folder.Write("a.csv", "id,text\n1,\"a,b\"\n2,\"t\tt\"\n"), "b.tsv")).ShouldBe("id\ttext\tlabel\tscore\n1\ta,b\tl\t0.5\n2\t\"t\tt\"\t\"a;\n\"\"b\"\t\n");

    [Fact]
    public async Task JsonLines_ToJsonLines_KeepsEveryByteOfTheMembers()
    {
        var file = _folder.Write("a.jsonl", "{\"a\": 1.50,  \"b\":{}}\r\n\n{}\n{\"c\":[1, \"\\u00e9\"], \"a\":null } ");

        (await CopyAsync(file, "b.jsonl")).ShouldBe(
            "{\"a\": 1.50,  \"b\":{},\"label\":\"l\",\"score\":0.5}\n{\"label\":\"a;\\n\\\"b\",\"score\":null}\n{\"c\":[1, \"\\u00e9\"], \"a\":null,\"label\":null,\"score\":1}\n");
    }

    [Fact]
    public async Task JsonLines_ToParquet_HasColumnsOfTheirTypes()
    {
        var file = _folder.Write("a.jsonl", "{\"i\":1,\"n\":1,\"t\":\"é\",\"f\":true,\"m\":\"1\",\"o\":{\"x\":[1]}}\n{\"i\":-7,\"n\":2.5,\"t\":null,\"m\":1,\"z\":null}\n");

        await CopyAsync(file, "b.parquet");

        var table = ParquetTable.Open(_folder["b.parquet"]);
        table.Columns.Select(column => (column.Name, column.Kind)).ShouldBe(
        [
            ("i", ColumnKind.Integer), ("n", ColumnKind.Number), ("t", ColumnKind.Text), ("f", ColumnKind.Boolean), ("m", ColumnKind.Text),
            ("o", ColumnKind.Text), ("z", ColumnKind.Text), ("label", ColumnKind.Text), ("score", ColumnKind.Number),
        ]);
        table.Rows().Select(row => row.Values).ShouldBe(
        [
            [1L, 1.0, "é", true, "\"1\"", "{\"x\":[1]}", null, "l", 0.5],
            [-7L, 2.5, null, null, "1", null, null, "a;\n\"b", null],
        ]);
    }

    [Fact]
    public async Task Parquet_ToParquet_KeepsTypesNullsAndWhatNests()
    {
        var file = _folder["a.parquet"];
        Row[] rows =
        [
            new() { Id = 1, Text = "a", When = new DateTime(2024, 2, 3, 4, 5, 6, DateTimeKind.Utc), Price = 12.34m, Bytes = [0, 255], Tags = ["x", "y"], Turns = [new() { From = "é" }] },
            new() { Id = 2, Flag = true, Tags = [], Day = new DateOnly(2024, 5, 6), Key = new Guid("00112233-4455-6677-8899-aabbccddeeff") },
            new() { Id = 3, Text = "", Ratio = 0.1f, Price = -1, Turns = [new(), new() { From = "z", Value = "w" }] },
        ];
        await ParquetSerializer.SerializeAsync(rows, file, new ParquetOptions { RowGroupSize = 2 }, cancellationToken: Cancellation);

        await CopyAsync(file, "b.parquet");

        var copied = await ParquetSerializer.DeserializeAsync<Row>(_folder["b.parquet"], cancellationToken: Cancellation);
        var original = await ParquetSerializer.DeserializeAsync<Row>(file, cancellationToken: Cancellation);
        original.Data.Count.ShouldBe(3);
        JsonSerializer.Serialize(copied.Data).ShouldBe(JsonSerializer.Serialize(original.Data));
        var (before, after) = (await ParquetReader.ReadSchemaAsync(file), await ParquetReader.ReadSchemaAsync(_folder["b.parquet"]));
        after.Fields.Take(before.Fields.Count).ShouldBe(before.Fields);
        after.Fields.Skip(before.Fields.Count).Select(field => ((DataField)field).ClrType).ShouldBe([typeof(ReadOnlyMemory<char>), typeof(double)]);
        ParquetTable.Open(_folder["b.parquet"]).Rows().Select(row => row.Values[^2..]).ShouldBe([["l", 0.5], ["a;\n\"b", null], [null, 1.0]]);
    }

    /// <summary>A file by Arrow's C++ writer, which pyarrow and pandas use.</summary>
    [Fact]
    public async Task Parquet_OfArrow_KeepsItsRows()
    {
        var file = Path.Combine(SharedFolder.Repository, "tests", "Dray.Quantization.Tests", "Calibration", "Records", "arrow.parquet");

        await CopyAsync(file, "b.parquet");

        var (before, after) = (ParquetTable.Open(file), ParquetTable.Open(_folder["b.parquet"]));
        after.Rows().Select(row => TableValue.Text(row.Values[0])).ShouldBe(before.Rows().Select(row => TableValue.Text(row.Values[0])));
        after.RowCount.ShouldBe(3);
    }

    [Fact]
    public async Task Parquet_ToCsvAndJsonLines_WritesValuesAsText()
    {
        Row[] rows = [new() { Id = 1, Text = "a,b", Flag = false, Price = 1.5m, Tags = ["x"], When = new DateTime(2024, 2, 3, 0, 0, 0, DateTimeKind.Utc) }];
        await ParquetSerializer.SerializeAsync(rows, _folder["a.parquet"], cancellationToken: Cancellation);

        (await CopyAsync(_folder["a.parquet"], "b.csv")).ShouldContain("\n1,\"a,b\",false,");
        var line = JsonElement.Parse(await CopyAsync(_folder["a.parquet"], "b.jsonl"));
        line.GetProperty("Tags").GetRawText().ShouldBe("[\"x\"]");
        line.GetProperty("Text").GetString().ShouldBe("a,b");
        line.GetProperty("Flag").GetBoolean().ShouldBeFalse();
        line.GetProperty("When").GetString().ShouldStartWith("2024-02-03T00:00:00");
        line.GetProperty("label").GetString().ShouldBe("l");
    }

    [Theory]
    [InlineData("a.csv", "", "has no header; write the names of the columns into the first line.")]
    [InlineData("a.csv", "a,b\n1,2,3\n", "has 3 fields in row 1, but the header names 2 columns; put quotes around fields with separators.")]
    [InlineData("a.csv", "a,b\n1,\"2\n3,4\n", "has a quote in row 1 that isn't closed; close or double it.")]
    [InlineData("a.jsonl", "{\"a\":1}\n[1]\n", "has no JSON object in line 2; write one object per line.")]
    [InlineData("a.jsonl", "{\"a\":1}\n\n{\"a\":\n", "isn't JSON in line 3: ")]
    [InlineData("a.parquet", "PAR1 and then nothing of the kind PAR1", "can't be read as Parquet: ")]
    [InlineData("a.xlsx", "PK", "is none of the kinds of data files that are read and written")]
    public void Open_NoSuchFile_IsRefusedWithItsPlace(string name, string content, string expected)
    {
        var file = _folder.Write(name, content);
        Should.Throw<CommandException>(() => TableFile.Open(file)).Message.ShouldStartWith($"'{file}' {expected}");
    }

    [Fact]
    public void Open_CsvInLatin1_IsRefused()
    {
        File.WriteAllBytes(_folder["a.csv"], Encoding.Latin1.GetBytes("a\né\n"));
        Should.Throw<CommandException>(() => TableFile.Open(_folder["a.csv"])).Message.ShouldEndWith("isn't UTF-8 in row 1; save it as UTF-8.");
    }

    [Fact]
    public void Open_AFieldOverTheLimit_IsRefused()
    {
        var csv = _folder.Write("a.csv", $"a\n\"{new string('x', TableFile.RowBytes)}\"\nb\n");
        var json = _folder.Write("a.jsonl", $"{{\"a\":\"{new string('x', TableFile.RowBytes)}\"}}\n");

        Should.Throw<CommandException>(() => TableFile.Open(csv)).Message.ShouldContain("bytes in row 1; at most");
        Should.Throw<CommandException>(() => TableFile.Open(json)).Message.ShouldContain($"has more than {TableFile.RowBytes} bytes in line 1");
    }

    [Fact]
    public async Task Parquet_DamagedAnywhere_IsReadOrRefused()
    {
        await ParquetSerializer.SerializeAsync(
            Enumerable.Range(0, 50).Select(i => new Row { Id = i, Text = $"text {i}", Tags = ["x"] }), _folder["a.parquet"], cancellationToken: Cancellation);
        var whole = await File.ReadAllBytesAsync(_folder["a.parquet"], Cancellation);
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            var bytes = whole.ToArray();
            for (var j = 0; j < 4; j++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            await File.WriteAllBytesAsync(_folder["b.parquet"], bytes, Cancellation);
            try
            {
                _ = ParquetTable.Open(_folder["b.parquet"]).Rows().Count();
            }
            catch (CommandException refused)
            {
                refused.ExitCode.ShouldBe(ExitCode.InputRefused);
            }
        }
    }

    [Fact]
    public async Task Csv_ColumnsOfOneName_GoToCsvOnly()
    {
        var file = _folder.Write("a.csv", "a,a\n1,2\n");

        (await CopyAsync(file, "b.csv")).ShouldBe("a,a,label,score\n1,2,l,0.5\n");
        (await Should.ThrowAsync<CommandException>(() => CopyAsync(file, "b.jsonl"))).Message.ShouldContain("has several columns named 'a', which only CSV can hold");
    }

    /// <summary>Writes a file with the added columns, and reads it as text.</summary>
    private async Task<string> CopyAsync(string source, string target)
    {
        IReadOnlyList<object?>[] added = [["l", 0.5], ["a;\n\"b", null], [null, 1.0]];
        var table = TableFile.Open(source);
        var format = TableFile.FormatOf(target);
        await using (var file = File.Create(_folder[target]))
        {
            if (table is ParquetTable parquet && format == TableFormat.Parquet)
            {
                using var values = added.AsEnumerable().GetEnumerator();
                await ParquetCopy.RunAsync(parquet, file, Added, values, Cancellation);
            }
            else
            {
                var separator = target.EndsWith(".tsv", StringComparison.Ordinal) ? '\t' : (table as CsvTable)?.Separator ?? ',';
                await using var writer = await TableFile.CreateAsync(file, format, separator, table, Added);
                foreach (var (i, row) in table.Rows().Index()) await writer.WriteAsync(row, added[i]);
                await writer.CompleteAsync();
            }
        }

        return Encoding.UTF8.GetString(await File.ReadAllBytesAsync(_folder[target], Cancellation));
    }

    private sealed class Row
    {
        public int Id { get; set; }

        public string? Text { get; set; }

        public bool? Flag { get; set; }

        public float? Ratio { get; set; }

        public decimal? Price { get; set; }

        public DateTime? When { get; set; }

        public DateOnly? Day { get; set; }

        public Guid? Key { get; set; }

        public byte[]? Bytes { get; set; }

        public List<string>? Tags { get; set; }

        public List<Turn>? Turns { get; set; }
    }

    private sealed class Turn
    {
        public string? From { get; set; }

        public string? Value { get; set; }
    }
}
