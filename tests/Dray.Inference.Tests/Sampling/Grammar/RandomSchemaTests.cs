using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Dray.Inference.Sampling.Grammar;
using NJsonSchema;

namespace Dray.Inference.Tests.Sampling.Grammar;

public sealed partial class RandomSchemaTests
{
    [Fact]
    public void Mask_RandomSchemaAndLogits_OutputAlwaysValidates() => Gen.Select(RandomSchema.Schemas, Gen.Int).Sample(
        (schema, seed) =>
        {
            var grammar = Grammars.Schema(schema);
            var validator = JsonSchema.FromJsonAsync(schema, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
            var writer = new TokenWriter(Grammars.Vocabulary, new Random(seed));
            for (var i = 0; i < 3; i++)
            {
                var text = writer.Write(new GrammarConstraint(grammar));

                text.ShouldNotBeNull(schema);
                using var parsed = JsonDocument.Parse(text);
                var errors = validator.Validate(InBasicPlane(text));
                errors.ShouldBeEmpty($"{schema}\n{text}\n{string.Join("\n", errors)}");
            }
        },
        iter: 100,
        threads: 1);

    /// <summary>NJsonSchema counts UTF-16 units, JSON Schema characters: those that take two units are exchanged for one that takes one.</summary>
    private static string InBasicPlane(string json) =>
        Pairs().Replace(json, match => match.Value == @"\\" ? match.Value : "☺");

    [GeneratedRegex(@"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|[\ud800-\udbff][\udc00-\udfff]")]
    private static partial Regex Pairs();
}
