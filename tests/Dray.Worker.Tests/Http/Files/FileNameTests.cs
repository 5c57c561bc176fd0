using Dray.Worker.Http.Files;

namespace Dray.Worker.Tests.Http.Files;

public sealed class FileNameTests
{
    [Theory]
    [InlineData("rows.jsonl", "rows.jsonl")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("/etc/passwd", "passwd")]
    [InlineData("C:\\users\\me\\rows.jsonl", "rows.jsonl")]
    [InlineData("größe 文 😀.jsonl", "größe 文 😀.jsonl")]
    [InlineData("a\0b\r\nc.jsonl", "abc.jsonl")]
    [InlineData("txt.\u202Elnosj", "txt.lnosj")]
    [InlineData("half\uD800.jsonl", "half.jsonl")]
    [InlineData("..", "upload.jsonl")]
    [InlineData("a/", "upload.jsonl")]
    [InlineData("", "upload.jsonl")]
    [InlineData(null, "upload.jsonl")]
    public void Clean_Name_IsForPeopleAndNoPath(string? given, string shown) => FileName.Clean(given).ShouldBe(shown);

    [Fact]
    public void Clean_VeryLongName_IsCutBetweenCharacters()
    {
        var name = FileName.Clean("x" + string.Concat(Enumerable.Repeat("😀", 500)));

        (name.Length, char.IsHighSurrogate(name[^1])).ShouldBe((255, false));
    }
}
