using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class ToolSchemaCheckTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("""{"type":["string","null"],"enum":[],"default":{"type":"objekt"},"x-own":1,"const":null}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maxLength":3.0}},"required":["a"],"additionalProperties":false}""")]
    [InlineData("""{"items":[{"type":"string"},true],"dependencies":{"a":["b"],"b":{"type":"object"}},"allOf":[{}],"if":{},"then":{},"else":false}""")]
    public void FirstError_ValidSchema_IsNull(string schema) => ToolSchemaCheck.FirstError(JsonElement.Parse(schema)).ShouldBeNull();

    [Fact]
    public void FirstError_NameThatIsNotUnicode_IsSkipped() =>
        ToolSchemaCheck.FirstError(JsonElement.Parse("""{"\ud800":1,"type":"object"}""")).ShouldBeNull();

    [Theory]
    [InlineData("[]", "[] is not of type 'object', 'boolean'")]
    [InlineData("""{"type":"objekt"}""", "'objekt' is not valid under any of the given schemas")]
    [InlineData("""{"type":["string","string"]}""", "[\"string\",\"string\"] is not valid under any of the given schemas")]
    [InlineData("""{"type":[]}""", "[] is not valid under any of the given schemas")]
    [InlineData("""{"required":"a"}""", "'a' is not of type 'array'")]
    [InlineData("""{"required":["a","a"]}""", "[\"a\",\"a\"] has non-unique elements")]
    [InlineData("""{"properties":{"a":{"items":{"minimum":"0"}}}}""", "'0' is not of type 'number'")]
    [InlineData("""{"properties":[]}""", "[] is not of type 'object'")]
    [InlineData("""{"anyOf":[]}""", "[] should be non-empty")]
    [InlineData("""{"not":{"maxItems":-1}}""", "-1 is less than the minimum of 0")]
    [InlineData("""{"minLength":1.5}""", "1.5 is not of type 'integer'")]
    [InlineData("""{"multipleOf":0}""", "0 is less than or equal to the minimum of 0")]
    [InlineData("""{"uniqueItems":"yes"}""", "'yes' is not of type 'boolean'")]
    [InlineData("""{"title":1}""", "1 is not of type 'string'")]
    [InlineData("""{"dependencies":{"a":[1]}}""", "1 is not of type 'string'")]
    public void FirstError_WrongKeyword_SaysWhatIsWrong(string schema, string error) =>
        ToolSchemaCheck.FirstError(JsonElement.Parse(schema)).ShouldBe(error);
}
