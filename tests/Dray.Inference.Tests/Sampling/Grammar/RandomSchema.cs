using System.Globalization;
using System.Text.Json;
using CsCheck;

namespace Dray.Inference.Tests.Sampling.Grammar;

/// <summary>Random schemas of the supported keywords that NJsonSchema knows too.</summary>
internal static class RandomSchema
{
    private static readonly string[] Names = ["a", "ab", "id", "na\"me", "größe", "x y", ""];
    private static readonly string[] Texts = ["", "a", "ab", "yes", "no \"quote\"", "größe", "a\nb"];
    private static readonly string[] Patterns = ["^[a-z]{2,4}$", "b+", "^(foo|bar)?\\\\d*$", "^x|y$", "^[^a-z\\\"]{1,3}$", "(a+)+"];
    private static readonly string[] Formats = ["date", "date-time", "uuid", "email"];

    private static Gen<string> Scalar { get; } = Gen.OneOf(
        Pick(
            """{"type":"string"}""", """{"type":"number"}""", """{"type":"integer"}""", """{"type":"boolean"}""", """{"type":"null"}""",
            """{"type":["string","null"]}""", """{"type":["integer","boolean"]}"""),
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4]).Select((least, more) => $$"""{"type":"string","minLength":{{least}},"maxLength":{{least + more}}}"""),
        Pick(Patterns).Select(pattern => $$"""{"type":"string","pattern":"{{pattern}}"}"""),
        Gen.Int[4, 9].Select(most => $$"""{"type":"string","pattern":"b+","maxLength":{{most}}}"""),
        Gen.Select(Gen.Int[-300, 300], Gen.Int[1, 500], Gen.Bool).Select((least, more, isExcluded) =>
            $$"""{"type":"number","{{(isExcluded ? "exclusiveMinimum" : "minimum")}}":{{Tenths(least)}},"{{(isExcluded ? "exclusiveMaximum" : "maximum")}}":{{Tenths(least + more)}}}"""),
        Pick(Formats).Select(format => $$"""{"type":"string","format":"{{format}}"}"""),
        Gen.Select(Gen.Int[-2000, 2000], Gen.Int[0, 3000]).Select((least, more) => $$"""{"type":"integer","minimum":{{least}},"maximum":{{least + more}}}"""),
        Pick(Texts).Array[1, 3].Select(texts => $$"""{"enum":{{JsonSerializer.Serialize(texts.Distinct())}}}"""),
        Gen.Const("""{"enum":[1,"1",null,true,-2.5]}"""));

    /// <summary>Gets the generator; a schema's text.</summary>
    public static Gen<string> Schemas { get; } =
        Gen.Select(Root, Scalar).Select((root, node) => $$"""{"definitions":{"node":{{Node(node)}}},"title":"random",{{root[1..]}}""");

    // NJsonSchema doesn't follow a reference that is the whole schema.
    private static Gen<string> Root => Gen.Frequency((1, Scalar), (3, Object(2)), (3, Array(2)));

    private static Gen<string> Value(int depth) => depth == 0 ? Scalar : Gen.Frequency(
        (3, Scalar),
        (3, Object(depth - 1)),
        (2, Array(depth - 1)),
        (1, Gen.Select(Scalar, Object(depth - 1)).Select((one, other) => $$"""{"anyOf":[{{one}},{{other}}]}""")),
        (1, Gen.Select(Object(depth - 1), Object(depth - 1)).Select((one, other) => $$"""{"anyOf":[{{one}},{{other}}]}""")),
        (1, Array(depth - 1).Select(array => $$"""{"oneOf":[{"type":"null"},{{array}}]}""")),
        (1, Gen.Const("""{"$ref":"#/definitions/node"}""")));

    private static Gen<string> Object(int depth) => Gen.Select(
        Pick(Names).Array[0, 4], Value(depth).Array[4], Gen.Bool.Array[4], Gen.Int[0, 3], Scalar).Select((names, values, required, additional, other) =>
    {
        var distinct = names.Distinct().ToArray();
        var properties = string.Join(",", distinct.Select((name, i) => $"{JsonSerializer.Serialize(name)}:{values[i]}"));
        var asked = JsonSerializer.Serialize(distinct.Where((_, i) => required[i]));
        var rest = additional switch { 0 => "", 1 => ",\"additionalProperties\":false", 2 => $",\"additionalProperties\":{other}", _ => ",\"additionalProperties\":true" };
        return $$"""{"type":"object","properties":{{{properties}}},"required":{{asked}}{{rest}}}""";
    });

    private static Gen<string> Array(int depth) => Gen.Select(Value(depth), Gen.Int[0, 2], Gen.Int[0, 3], Gen.Bool).Select((items, least, more, isBounded) =>
        $$"""{"type":"array","items":{{items}},"minItems":{{least}}{{(isBounded ? $",\"maxItems\":{least + more}" : "")}}}""");

    /// <summary>A node that may hold itself, and needn't.</summary>
    private static string Node(string value) =>
        $$$"""{"type":"object","properties":{"value":{{{value}}},"next":{"anyOf":[{"type":"null"},{"$ref":"#/definitions/node"}]}},"required":["next"]}""";

    private static string Tenths(int number) => (number / 10m).ToString(CultureInfo.InvariantCulture);

    private static Gen<string> Pick(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
