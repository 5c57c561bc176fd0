using System.Globalization;
using CsCheck;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

public sealed class PythonJsonTests
{
    [Fact]
    public void TryReprint_FixtureRows_PrintsAsPython()
    {
        foreach (var row in Fixture.Rows("python-json.jsonl"))
        {
            var json = row.GetProperty("json").GetString()!;
            var expected = row.GetProperty("printed").GetString();

            PythonJson.TryReprint(json, out var printed).ShouldBe(expected is not null, json);
            printed.ShouldBe(expected ?? "", json);
        }
    }

    [Fact]
    public void Repr_AnyNumber_ReadsBackAsItself() => Gen.Double.Where(double.IsFinite).Sample(value =>
        BitConverter.DoubleToInt64Bits(double.Parse(PythonText.Repr(value), CultureInfo.InvariantCulture))
            == BitConverter.DoubleToInt64Bits(value));

    [Fact]
    public void TryReprint_Printed_StaysAsItIs() => Gen.String.Sample(text =>
    {
        PythonJson.TryReprint(PythonText.Quote(text), out var printed).ShouldBeTrue();
        printed.ShouldBe(PythonText.Quote(text));
    });

    [Fact]
    public void TryReprint_NestedDeeperThanAllowed_IsRefused()
    {
        PythonJson.TryReprint(Nested(PythonJson.MaxDepth), out _).ShouldBeTrue();
        PythonJson.TryReprint(Nested(PythonJson.MaxDepth + 1), out _).ShouldBeFalse();
        PythonJson.TryReprint(Nested(100_000), out _).ShouldBeFalse();
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
