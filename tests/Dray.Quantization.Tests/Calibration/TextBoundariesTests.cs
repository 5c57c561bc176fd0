using Dray.Quantization.Calibration;

namespace Dray.Quantization.Tests.Calibration;

public sealed class TextBoundariesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_NoSettings_IsMistrals() => TextBoundaries.Of(_folder.Path).ShouldBe(new TextBoundaries(Bos: true, Eos: false));

    [Theory]
    [InlineData("{}", true, false)]
    [InlineData("""{"add_bos_token": false}""", false, false)]
    [InlineData("""{"add_bos_token": null, "add_eos_token": true}""", true, true)]
    public void Of_Settings_AreRead(string json, bool bos, bool eos)
    {
        _folder.Write("tokenizer_config.json", json);
        TextBoundaries.Of(_folder.Path).ShouldBe(new TextBoundaries(bos, eos));
    }

    [Theory]
    [InlineData("{", "aren't JSON")]
    [InlineData("""{"add_bos_token": "no"}""", "have a 'add_bos_token' that is neither true nor false")]
    public void Of_DamagedSettings_NamesFileAndKey(string json, string expected)
    {
        var file = _folder.Write("tokenizer_config.json", json);
        Should.Throw<CalibrationException>(() => TextBoundaries.Of(_folder.Path)).Message.ShouldStartWith($"The tokenizer's settings '{file}' {expected}");
    }
}
