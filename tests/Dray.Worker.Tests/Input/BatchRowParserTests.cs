using System.Text;
using Dray.Inference;
using Dray.Worker.Input;

namespace Dray.Worker.Tests.Input;

public sealed class BatchRowParserTests
{
    [Fact]
    public void Parse_Row_GivesItsFields()
    {
        var row = Parse("""{"body":{"model":"m"},"url":"/v1/chat/completions","custom_id":"a","method":"POST"}""");

        (row.CustomId, row.Method, row.Url, row.Body.GetRawText()).ShouldBe(("a", "POST", "/v1/chat/completions", """{"model":"m"}"""));
    }

    [Theory]
    [InlineData("""{"custom_id":"a",}""", null, "Line 17 isn't valid JSON at column 18: ")]
    [InlineData("""{"custom_id":"a"} x""", null, "Line 17 isn't valid JSON at column 19: ")]
    [InlineData("""[1]""", null, "Line 17 is a JSON array, not an object;")]
    [InlineData("""{"method":"POST","url":"/v1/chat/completions","body":{}}""", "custom_id", "Line 17 has no custom_id;")]
    [InlineData("""{"custom_id":7,"method":"POST","url":"/v1/chat/completions","body":{}}""", "custom_id", "Line 17 has a custom_id that is a JSON number;")]
    [InlineData("""{"custom_id":"","method":"POST","url":"/v1/chat/completions","body":{}}""", "custom_id", "Line 17 has an empty custom_id;")]
    [InlineData("""{"custom_id":"a","url":"/v1/chat/completions","body":{}}""", "method", "Line 17 has no method; write \"method\":\"POST\".")]
    [InlineData("""{"custom_id":"a","method":"GET","url":"/v1/chat/completions","body":{}}""", "method", "Line 17 has the method \"GET\", which isn't served here;")]
    [InlineData("""{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{}}""", "url", "Line 17 has the url \"/v1/embeddings\", which isn't served here;")]
    [InlineData("""{"custom_id":"a","method":"POST","url":"/v1/chat/completions"}""", "body", "Line 17 has no body;")]
    [InlineData("""{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":"x"}""", "body", "Line 17 has a body that is a JSON string, not an object.")]
    [InlineData("""{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{},"prio":1}""", "prio", "Line 17 has an unknown field 'prio';")]
    public void Parse_LineThatIsNoRow_NamesLineValueAndRemedy(string line, string? param, string message)
    {
        var refusal = Should.Throw<RequestRejectedException>(() => Parse(line));

        refusal.Code.ShouldBe(RequestErrorCodes.InvalidRequest);
        refusal.Param.ShouldBe(param);
        refusal.Message.ShouldStartWith(message);
    }

    [Fact]
    public void Parse_LongValues_AreCutInTheMessage()
    {
        var url = new string('u', 5000);

        var refusal = Should.Throw<RequestRejectedException>(() => Parse($$"""{"custom_id":"a","method":"POST","url":"{{url}}","body":{ } }"""));

        refusal.Message.Length.ShouldBeLessThan(300);
    }

    [Fact]
    public void Parse_CustomIdLongerThanAllowed_IsRefused()
    {
        string Line(int length) => $$"""{"custom_id":"{{new string('a', length)}}","method":"POST","url":"/v1/chat/completions","body":{ } }""";

        Parse(Line(512)).CustomId.Length.ShouldBe(512);
        Should.Throw<RequestRejectedException>(() => Parse(Line(513))).Message.ShouldBe("Line 17 has a custom_id of 513 characters, more than the 512 allowed.");
        CustomIdReader.TryRead(Encoding.UTF8.GetBytes(Line(512)))!.Length.ShouldBe(512);
        CustomIdReader.TryRead(Encoding.UTF8.GetBytes(Line(513))).ShouldBeNull();
    }

    [Fact]
    public void Parse_BytesThatAreNoUtf8_NamesTheColumn()
    {
        byte[] bytes = [.. "{\"a\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        var refusal = Should.Throw<RequestRejectedException>(() => BatchRowParser.Parse(new InputLine(17, 0, bytes.Length, bytes), 1000));

        refusal.Message.ShouldStartWith("Line 17 isn't UTF-8: the bytes at column 7 are no character;");
    }

    [Fact]
    public void Parse_LineThatWasTooLong_IsContentTooLarge()
    {
        var refusal = Should.Throw<RequestRejectedException>(() => BatchRowParser.Parse(new InputLine(17, 0, 5000, default), 1000));

        refusal.Code.ShouldBe(RequestErrorCodes.ContentTooLarge);
        refusal.Message.ShouldStartWith("Line 17 has 5000 bytes, more than the 1000 allowed;");
    }

    [Theory]
    [InlineData("""{"custom_id":"a","x":{"custom_id":"b"}}""", "a")]
    [InlineData("""{"x":[{"custom_id":"b"}],"custom_id":"caf\u00e9"}""", "café")]
    [InlineData("""{"custom_id":"a","custom_id":"b"}""", "b")]
    [InlineData("""{"custom_id":"a","custom_id":1}""", null)]
    [InlineData("""{"custom_id":"a"} {}""", null)]
    [InlineData("""{"custom_id":"a","body":{}""", null)]
    [InlineData("""{"custom_id":"\ud800"}""", null)]
    [InlineData("""{"custom_id":["a"]}""", null)]
    [InlineData("""["custom_id","a"]""", null)]
    [InlineData("", null)]
    public void TryRead_Line_GivesTheCustomIdThatParsingWouldGive(string line, string? expected) =>
        CustomIdReader.TryRead(Encoding.UTF8.GetBytes(line)).ShouldBe(expected);

    private static Contracts.BatchRow Parse(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        return BatchRowParser.Parse(new InputLine(17, 0, bytes.Length, bytes), 100_000);
    }
}
