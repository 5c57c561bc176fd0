namespace Dray.Inference.Tests.Sampling.Grammar;

public sealed class SchemaKeywordTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "\"\"", "\"a\\n\\u00e9 é 😀\\ud83d\\ude00\"")]
    [InlineData("""{"type":"integer"}""", "0", "-12", "999999999999999999")]
    [InlineData("""{"type":"number"}""", "0", "-0.5", "12.25e-3", "1E+10")]
    [InlineData("""{"type":"boolean"}""", "true", "false")]
    [InlineData("""{"type":"null"}""", "null")]
    [InlineData("""{"type":["string","null"]}""", "null", "\"x\"")]
    [InlineData("""{"type":"string","nullable":true}""", "null", "\"x\"")]
    [InlineData("""{"enum":["a","ab",1,true,null,[1,{"b":2}]]}""", "\"a\"", "\"ab\"", "1", "true", "null", "[1, {\"b\":2}]")]
    [InlineData("""{"type":"string","enum":["a",1]}""", "\"a\"")]
    [InlineData("""{"const":"a\"b"}""", "\"a\\\"b\"")]
    [InlineData("""{"type":"object"}""", "{}", "{\"a\": [1, {\"b\": null}], \"c\":\"\"}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}},"required":["a"]}""", "{\"a\": 1}", "{\"a\":1,\"b\":null}", "{\"a\":1, \"b\":null}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"null"}}""", "{}", "{\"a\":1,\"b\":null,\"aa\":null}", "{\"\":null}")]
    [InlineData("""{"type":"object","required":["x"]}""", "{\"x\": [1]}")]
    [InlineData("""{"type":"array"}""", "[]", "[1, \"a\", [], {}]")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}""", "[1]", "[1, 2,3]")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"maxItems":0}""", "[]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"null"}],"items":{"type":"boolean"},"minItems":1,"maxItems":4}""", "[1]", "[1, null]", "[1, null, true, false]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"null"}]}""", "[]", "[1]", "[1, null]")]
    [InlineData("""{"type":"string","minLength":1,"maxLength":2}""", "\"é\"", "\"😀\\n\"", "\"\\ud83d\\ude00a\"")]
    [InlineData("""{"type":"string","pattern":"^[a-c]+\\d{2}$"}""", "\"abc12\"")]
    [InlineData("""{"type":"string","pattern":"b"}""", "\"abc\"", "\"b\"")]
    [InlineData("""{"type":"string","pattern":"^(foo|bar)?$"}""", "\"\"", "\"foo\"", "\"bar\"")]
    [InlineData("""{"type":"string","pattern":"^a|z$"}""", "\"abc\"", "\"xyz\"")]
    [InlineData("""{"type":"string","pattern":"^[^a]*$","minLength":2,"maxLength":3}""", "\"bé\"", "\"\\\"b\\\\\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2024-02-29\"", "\"1999-12-31\"", "\"2000-02-29\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2024-01-31T23:59:59Z\"", "\"2024-01-31T00:00:00.123456+05:30\"")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"123e4567-e89b-12d3-a456-426614174000\"")]
    [InlineData("""{"type":"string","format":"email"}""", "\"jane.doe+x@mail.example.org\"")]
    [InlineData("""{"type":"integer","minimum":-5,"maximum":120}""", "-5", "0", "120", "99", "7")]
    [InlineData("""{"type":"integer","exclusiveMinimum":9,"exclusiveMaximum":11}""", "10")]
    [InlineData("""{"type":"integer","minimum":0.5}""", "1", "1000")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "0", "1", "0.5", "1.00", "0.000001")]
    [InlineData("""{"type":"number","exclusiveMinimum":-2.5,"exclusiveMaximum":12.25}""", "-2.49", "-0.1", "0", "9.99", "12.2", "12.249999", "12")]
    [InlineData("""{"type":"number","minimum":1.25,"maximum":1.3}""", "1.25", "1.250", "1.3", "1.299999", "1.26")]
    [InlineData("""{"type":"number","minimum":0}""", "0", "12345.678", "999999998.5")]
    [InlineData("""{"type":"number","maximum":-1000000000000}""", "-1000000000000", "-5000000000000.5")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"object","properties":{"a":{"const":1}},"required":["a"]},{"type":"object","properties":{"a":{"const":2},"b":{"type":"null"}},"required":["a","b"]}]}""", "1", "{\"a\": 1}", "{\"a\": 2, \"b\": null}")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"null"}]}""", "\"\"", "null")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/n"}],"$defs":{"n":{"type":"null"}}}""", "null")]
    [InlineData("""{"$ref":"#/definitions/node","definitions":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/definitions/node"},{"type":"null"}]}},"required":["v","next"]}}}""", "{\"v\": 1, \"next\": {\"v\": 2, \"next\": null}}")]
    [InlineData("""{"type":"array","items":{"$ref":"#"}}""", "[]", "[[], [[]]]")]
    [InlineData("true", "1", "{\"a\": 1}")]
    [InlineData("""{"title":"t","description":"d","default":1,"examples":[1],"x-order":3}""", "null")]
    public void Accepts_ValidValue(string schema, params string[] values)
    {
        var grammar = Grammars.Schema(schema);

        foreach (var value in values) grammar.Accepts(value).ShouldBeTrue(value);
    }

    [Theory]
    [InlineData("""{"type":"string"}""", "a", "\"a", "\"\n\"", "\"\\ud83d\"", "\"\\udc00\"", "\"\\x\"", "1", "\"\"\"")]
    [InlineData("""{"type":"integer"}""", "01", "1.5", "-0", "--1", "1234567890123456789", "")]
    [InlineData("""{"type":"number"}""", ".5", "1.", "1e", "+1", "NaN", "1e100")]
    [InlineData("""{"type":["string","null"]}""", "1", "nul")]
    [InlineData("""{"enum":["a","ab",1]}""", "\"b\"", "\"\"", "11", "\"abc\"")]
    [InlineData("""{"type":"string","enum":["a",1]}""", "1")]
    [InlineData("""{"type":"object"}""", "[]", "{\"a\"}", "{\"a\":1,}", "{,}", "{ }", "{\"a\" :1}", "{\"a\":  1}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"null"}},"required":["a"]}""", "{}", "{\"b\":null}", "{\"b\":null,\"a\":1}", "{\"a\":1,\"c\":1}", "{\"a\":\"1\"}", "{\"a\":1,\"a\":1}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"null"}}""", "{\"a\":null}", "{\"b\":1}", "{\"\\u0061\":null}", "{\"b\":null,\"a\":1}")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":false}""", "{\"b\":1}")]
    [InlineData("""{"type":"object","required":["x"]}""", "{}", "{\"y\":1}")]
    [InlineData("""{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}""", "[]", "[1,2,3,4]", "[1,]", "[null]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"integer"},{"type":"null"}],"items":{"type":"boolean"},"minItems":1,"maxItems":4}""", "[]", "[null]", "[1,null,1]", "[1,null,true,true,true]")]
    [InlineData("""{"type":"string","minLength":1,"maxLength":2}""", "\"\"", "\"abc\"", "\"\\n\\n\\n\"")]
    [InlineData("""{"type":"string","pattern":"^[a-c]+\\d{2}$"}""", "\"12\"", "\"a1\"", "\"a123\"", "\"xa12\"")]
    [InlineData("""{"type":"string","pattern":"^[^a]*$","minLength":2,"maxLength":3}""", "\"b\"", "\"ba\"", "\"bbbb\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2023-02-29\"", "\"2024-04-31\"", "\"2024-13-01\"", "\"1900-02-29\"", "\"24-01-01\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2024-01-31\"", "\"2024-01-31T24:00:00Z\"", "\"2024-01-31T00:00:00\"")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"123e4567e89b12d3a456426614174000\"")]
    [InlineData("""{"type":"integer","minimum":-5,"maximum":120}""", "-6", "121", "1000", "-10")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "-0.1", "1.01", "2", "1e0", "10")]
    [InlineData("""{"type":"number","exclusiveMinimum":-2.5,"exclusiveMaximum":12.25}""", "-2.5", "-2.500000", "12.25", "12.250000", "12.3", "13", "-3")]
    [InlineData("""{"type":"number","minimum":1.25,"maximum":1.3}""", "1.2", "1", "1.31", "1.300001", "1.249999")]
    [InlineData("""{"type":"number","exclusiveMinimum":0}""", "0", "0.0", "0.000000", "-1")]
    [InlineData("""{"anyOf":[{"type":"object","properties":{"a":{"const":1}},"required":["a"]},{"type":"object","properties":{"a":{"const":2},"b":{"type":"null"}},"required":["a","b"]}]}""", "{\"a\": 2}", "{\"a\": 1, \"b\": null}")]
    public void Accepts_InvalidValue_Not(string schema, params string[] values)
    {
        var grammar = Grammars.Schema(schema);

        foreach (var value in values) grammar.Accepts(value).ShouldBeFalse(value);
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"n":{"type":"integer","multipleOf":2}}}""", "properties.n.multipleOf")]
    [InlineData("""{"not":{"type":"null"}}""", "schema.not")]
    [InlineData("""{"if":{},"then":{},"else":{}}""", "schema.if")]
    [InlineData("""{"type":"object","patternProperties":{"a":{}}}""", "schema.patternProperties")]
    [InlineData("""{"type":"object","minProperties":1}""", "schema.minProperties")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "schema.uniqueItems")]
    [InlineData("""{"type":"array","contains":{}}""", "schema.contains")]
    [InlineData("""{"type":"array","items":[{}]}""", "schema.items")]
    [InlineData("""{"type":"string","format":"hostname"}""", "schema.format")]
    [InlineData("""{"type":"string","pattern":"(?=a)b"}""", "schema.pattern")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "schema.pattern")]
    [InlineData("""{"type":"string","pattern":"\\bfoo"}""", "schema.pattern")]
    [InlineData("""{"type":"string","pattern":"(a"}""", "schema.pattern")]
    [InlineData("""{"type":"string","pattern":"^a^b"}""", "schema.pattern")]
    [InlineData("""{"type":"string","pattern":"(^a|b)c"}""", "schema.pattern")]
    [InlineData("""{"allOf":[{},{}]}""", "schema.allOf")]
    [InlineData("""{"anyOf":[{}],"type":"object"}""", "schema.type")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "schema.oneOf")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"a":{}}},{"type":"object"}]}""", "schema.oneOf")]
    [InlineData("""{"$ref":"https://example.org/schema"}""", "schema.$ref")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "schema.$ref")]
    [InlineData("""{"type":"text"}""", "schema.type")]
    [InlineData("""{"type":"string","minLength":-1}""", "schema.minLength")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "schema.maxLength")]
    [InlineData("""{"type":"array","minItems":3,"maxItems":2}""", "schema.maxItems")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "schema")]
    [InlineData("""{"type":"number","minimum":3,"exclusiveMaximum":3}""", "schema")]
    [InlineData("""{"type":"number","minimum":0,"exclusiveMinimum":true}""", "schema.exclusiveMinimum")]
    [InlineData("""{"type":"object","required":["a"],"additionalProperties":false}""", "schema.required")]
    [InlineData("""{"enum":[]}""", "schema")]
    [InlineData("""{"type":"string","unknown":1}""", "schema.unknown")]
    public void Schema_UnsupportedOrWrong_IsRefusedByName(string schema, string path)
    {
        var rejected = Grammars.Refused(schema);

        rejected.Code.ShouldBe(RequestErrorCodes.SchemaInvalid);
        rejected.Message.ShouldContain(path);
    }
}
