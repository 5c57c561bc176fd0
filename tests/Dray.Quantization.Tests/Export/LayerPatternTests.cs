using Dray.Quantization.Export;

namespace Dray.Quantization.Tests.Export;

public sealed class LayerPatternTests
{
    [Theory]
    [InlineData("mlp.gate", @".*mlp\.gate.*")]
    [InlineData("layers.1.mlp|o_proj$", @".*layers\.1\.mlp|o_proj$")]
    [InlineData(@"^model.layers.[0-3]\.", @"^model\.layers\.[0-3]\..*")]
    [InlineData("layers.*down", @".*layers.*down.*")]
    [InlineData(".*v_proj.*", ".*v_proj.*")]
    public void Expression_UsersPattern_IsWhatUpstreamMakesOfIt(string text, string expression) => new LayerPattern(text).Expression.ShouldBe(expression);

    [Theory]
    [InlineData("layers.1", "model.layers.1.mlp.up_proj", true)]
    [InlineData("layers.1", "model.layers.10.mlp.up_proj", false)]
    [InlineData("mlp.up", "model.layers.1.mlpxup_proj", false)]
    public void OfIgnored_NumberAtTheEnd_IsAWholeOne(string text, string name, bool matches) => LayerPattern.OfIgnored(text).Matches(name).ShouldBe(matches);

    [Fact]
    public void New_NoRegularExpression_SaysSo() => Should.Throw<ArgumentException>(() => new LayerPattern("layers.(")).Message.ShouldContain("'layers.(' is no regular expression");

    [Fact]
    public void Matches_PatternThatTakesForever_IsRefused() =>
        Should.Throw<ArgumentException>(() => new LayerPattern("^(a+)+$").Matches(new string('a', 40) + "!")).Message.ShouldContain("without nested repetitions");
}
