using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests;

public sealed class LayerRuleTests
{
    [Fact]
    public void Parse_EveryKey_IsTaken() => LayerRule.Parse("mlp.(up|gate)_proj: bits=8, group_size=-1,sym=false")
        .ShouldBe(new LayerRule("mlp.(up|gate)_proj", 8, -1, false));

    [Fact]
    public void Over_KeysThatAreAbsent_KeepTheScheme() => LayerRule.Parse("x:bits=8").Over(WeightScheme.W4A16).ShouldBe(new WeightScheme(8, 128, true));

    [Theory]
    [InlineData("down_proj")]
    [InlineData(":bits=8")]
    [InlineData("down_proj:")]
    [InlineData("down_proj:bits=eight")]
    [InlineData("down_proj:width=8")]
    [InlineData("down_proj:bits")]
    public void Parse_Nonsense_ShowsARule(string text) =>
        Should.Throw<ArgumentException>(() => LayerRule.Parse(text)).Message.ShouldContain("such as 'mlp.down_proj:bits=8,group_size=64'");
}
