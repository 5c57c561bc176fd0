using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class JsonTextTests
{
    [Theory]
    [InlineData("\"a\\n\\u00e9\\\"\\/\"", "a\né\"/")]
    [InlineData("\"\\ud83d\\ude00\"", "😀")]
    [InlineData("\"\"", "")]
    public void Read_String_ResolvesItsEscapes(string json, string text) => JsonText.Read(JsonElement.Parse(json)).ShouldBe(text);

    [Fact]
    public void Read_LoneSurrogates_AreKept() =>
        JsonText.Read(JsonElement.Parse("\"x\\t\\uDE00\\ud83d\\\\y\"")).ShouldBe($"x\t{(char)0xDE00}{(char)0xD83D}\\y");

    [Theory]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("{}")]
    public void Read_OtherKinds_Throw(string json) => Should.Throw<InvalidOperationException>(() => JsonText.Read(JsonElement.Parse(json)));
}
