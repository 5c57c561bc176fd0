using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Vision;

public sealed class JpegScansTests
{
    [Theory]
    [InlineData("FFD8 FFD9", 0)]
    [InlineData("FFD8 FFE0 0004 FFD9", null)]
    [InlineData("FFD8 FFE0 0004 FFD9 FFD9", 0)]
    [InlineData("FFD8 FFDA 0002 11FF0022 FFD3 33 FFFFD9", 1)]
    [InlineData("FFD8 FFDA 0002 11 FFC4 0003 DA FFDA 0002 22 FFD9", 2)]
    [InlineData("FFD8 FFDA 0002 11FF0022 FFD3 33 FFFF", null)]
    [InlineData("FFD8 FFE0 00", null)]
    [InlineData("FFD8 FFE0 FFFF 00", null)]
    [InlineData("", null)]
    public void Count_Segments_SeesOnlyTheRealMarkers(string hex, int? scans) =>
        JpegScans.Count(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))).ShouldBe(scans);

    [Theory]
    [InlineData("progressive.jpg")]
    [InlineData("exif_rotated.jpg")]
    public void Count_CutAnywhere_IsNull(string name)
    {
        var file = ImageFixtures.Read(name);
        JpegScans.Count(file).ShouldNotBeNull();
        for (var length = 0; length < file.Length; length++) JpegScans.Count(file.AsSpan(0, length)).ShouldBeNull();
    }
}
