using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Vision;

public sealed class JpegEndTests
{
    [Theory]
    [InlineData("FFD8 FFD9", true)]
    [InlineData("FFD8 FFE0 0004 FFD9", false)]
    [InlineData("FFD8 FFE0 0004 FFD9 FFD9", true)]
    [InlineData("FFD8 FFDA 0002 11FF0022 FFD3 33 FFFFD9", true)]
    [InlineData("FFD8 FFDA 0002 11FF0022 FFD3 33 FFFF", false)]
    [InlineData("FFD8 FFE0 00", false)]
    [InlineData("FFD8 FFE0 FFFF 00", false)]
    [InlineData("", false)]
    public void IsReached_Segments_SeesOnlyTheRealEnd(string hex, bool reached) =>
        JpegEnd.IsReached(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))).ShouldBe(reached);

    [Theory]
    [InlineData("progressive.jpg")]
    [InlineData("exif_rotated.jpg")]
    public void IsReached_CutAnywhere_IsFalse(string name)
    {
        var file = ImageFixtures.Read(name);
        JpegEnd.IsReached(file).ShouldBeTrue();
        for (var length = 0; length < file.Length; length++) JpegEnd.IsReached(file.AsSpan(0, length)).ShouldBeFalse();
    }
}
