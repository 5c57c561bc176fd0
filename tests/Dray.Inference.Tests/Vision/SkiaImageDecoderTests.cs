using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dray.Inference.Vision;
using SkiaSharp;

namespace Dray.Inference.Tests.Vision;

public sealed class SkiaImageDecoderTests
{
    private static readonly byte[] GammaOne = [0, 1, 0x86, 0xA0];

    [Theory]
    [MemberData(nameof(ImageFixtures.All), MemberType = typeof(ImageFixtures))]
    public void Decode_Fixture_MeetsPillow(string name)
    {
        var expected = ImageFixtures.Expected(name);
        var image = Decode(ImageFixtures.Read(name));

        image.Width.ShouldBe(expected.GetProperty("width").GetInt32());
        image.Height.ShouldBe(expected.GetProperty("height").GetInt32());
        image.Pixels.Length.ShouldBe(image.Width * image.Height * 3);
        if (expected.TryGetProperty("rgb_sha256", out var hash)) Convert.ToHexStringLower(SHA256.HashData(image.Pixels)).ShouldBe(hash.GetString());
    }

    [Fact]
    public void Decode_EveryGolden_MeetsPillow()
    {
        var folder = SharedFolder.Require("goldens", "image");
        var tensors = new GoldenTensors(Path.Combine(folder, "tensors.safetensors"));
        var names = tensors.Names.Where(name => name.StartsWith("rgb/", StringComparison.Ordinal) && name != "rgb/grey16.png").ToArray();
        names.Length.ShouldBe(12);
        foreach (var name in names)
        {
            var image = Decode(File.ReadAllBytes(Path.Combine(folder, "src", name["rgb/".Length..])));
            var expected = tensors.Bytes(name);
            tensors.Shape(name).ShouldBe([image.Height, image.Width, 3]);
            var differences = image.Pixels.Zip(expected, (a, b) => Math.Abs(a - b)).ToArray();
            if (name.EndsWith(".png", StringComparison.Ordinal)) differences.Max().ShouldBe(0, name);
            differences.Max().ShouldBeLessThanOrEqualTo(4, name);
            differences.Average().ShouldBeLessThanOrEqualTo(1, name);
        }
    }

    [Fact]
    public void Decode_Rgb16_KeepsTheHighByte() =>
        Decode(new PngFile(1, 1, 16, PngFile.Rgb).Finish([0x12, 0xFF, 0x80, 0x00, 0xFE, 0xFF])).Pixels.ShouldBe([0x12, 0x80, 0xFE]);

    [Fact]
    public void Decode_Grey16_KeepsTheHighByte() =>
        Decode(new PngFile(2, 1, 16, PngFile.Grey).Finish([0x12, 0xFF, 0x80, 0x00])).Pixels.ShouldBe([0x12, 0x12, 0x12, 0x80, 0x80, 0x80]);

    [Fact]
    public void Decode_Rgba16_CompositesHighBytes() =>
        Decode(new PngFile(1, 1, 16, PngFile.Rgba).Finish([0, 0, 0x40, 0, 0xFF, 0xFF, 0x80, 0])).Pixels.ShouldBe([127, 159, 255]);

    [Fact]
    public void Decode_EveryAlpha_CompositesOnWhiteRounded()
    {
        var row = Enumerable.Range(0, 256).SelectMany(alpha => new byte[] { 0, 100, 255, (byte)alpha }).ToArray();
        var expected = Enumerable.Range(0, 256).SelectMany(alpha => new[] { Over(0, alpha), Over(100, alpha), Over(255, alpha) });
        Decode(new PngFile(256, 1, 8, PngFile.Rgba).Finish(row)).Pixels.ShouldBe(expected);

        static byte Over(int value, int alpha) => (byte)Math.Round(((value * alpha) + (255.0 * (255 - alpha))) / 255);
    }

    [Fact]
    public void Decode_GreyColourKey_BecomesWhite() =>
        Decode(new PngFile(2, 1, 8, PngFile.Grey).Chunk("tRNS", 0, 7).Finish([7, 8])).Pixels.ShouldBe([255, 255, 255, 8, 8, 8]);

    [Fact]
    public void Decode_RgbColourKey_IsIgnored() =>
        Decode(new PngFile(2, 1, 8, PngFile.Rgb).Chunk("tRNS", 0, 1, 0, 2, 0, 3).Finish([1, 2, 3, 4, 5, 6])).Pixels.ShouldBe([1, 2, 3, 4, 5, 6]);

    [Fact]
    public void Decode_GammaChunk_IsIgnored() =>
        Decode(new PngFile(1, 1, 8, PngFile.Rgb).Chunk("gAMA", GammaOne).Finish([10, 100, 200])).Pixels.ShouldBe([10, 100, 200]);

    [Theory]
    [InlineData(SKEncodedImageFormat.Png, 0)]
    [InlineData(SKEncodedImageFormat.Jpeg, 3)]
    public void Decode_ColourProfile_IsIgnored(SKEncodedImageFormat format, int tolerance)
    {
        using var profile = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.TwoDotTwo, SKColorSpaceXyz.AdobeRgb);
        using var bitmap = new SKBitmap(new SKImageInfo(16, 16, SKColorType.Rgba8888, SKAlphaType.Opaque, profile));
        var raw = new byte[1024];
        for (var i = 0; i < 256; i++) (raw[i * 4], raw[(i * 4) + 1], raw[(i * 4) + 2], raw[(i * 4) + 3]) = (200, 60, 30, 255);
        Marshal.Copy(raw, 0, bitmap.GetPixels(), raw.Length);
        using var encoded = bitmap.Encode(format, 100);
        using (var codec = SKCodec.Create(encoded)) codec.Info.ColorSpace.IsSrgb.ShouldBeFalse();

        var image = Decode(encoded.ToArray());

        for (var i = 0; i < image.Pixels.Length; i++) ((double)image.Pixels[i]).ShouldBe(i % 3 == 0 ? 200 : i % 3 == 1 ? 60 : 30, tolerance);
    }

    [Theory]
    [InlineData(1, "ab cd ef")]
    [InlineData(2, "ba dc fe")]
    [InlineData(3, "fe dc ba")]
    [InlineData(4, "ef cd ab")]
    [InlineData(5, "ace bdf")]
    [InlineData(6, "eca fdb")]
    [InlineData(7, "fdb eca")]
    [InlineData(8, "bdf ace")]
    public void Decode_ExifOrientation_TurnsThePictureUpright(byte orientation, string upright)
    {
        // Stored as three rows of two blocks: ab, cd, ef.
        var file = Oriented(orientation);

        var rows = upright.Split(' ');
        Blocks(Decode(file, ImageOrientation.Apply)).ShouldBe(rows);
        Blocks(Decode(file, ImageOrientation.Ignore)).ShouldBe(["ab", "cd", "ef"]);
    }

    // A JPEG of 8 x 8 blocks in six greys, with a TIFF header of one entry (0x0112, orientation) in front.
    private static byte[] Oriented(byte orientation)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(16, 24, SKColorType.Gray8, SKAlphaType.Opaque));
        for (var i = 0; i < 16 * 24; i++)
        {
            var grey = (byte)(40 * (1 + (i / 16 / 8 * 2) + (i % 16 / 8)));
            bitmap.SetPixel(i % 16, i / 16, new SKColor(grey, grey, grey));
        }

        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, 100);
        byte[] entry = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        byte[] exif = [.. "Exif\0\0MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, .. entry];
        var jpeg = encoded.ToArray();
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    private static string[] Blocks(RgbImage image) =>
    [
        .. Enumerable.Range(0, image.Height / 8).Select(row => string.Concat(Enumerable.Range(0, image.Width / 8).Select(
            column => (char)('a' - 1 + Math.Round(image.Pixels[(((row * 8) + 4) * image.Width + (column * 8) + 4) * 3] / 40.0))))),
    ];

    private static RgbImage Decode(byte[] file, ImageOrientation orientation = ImageOrientation.Ignore)
    {
        using var picture = new SkiaImageDecoder().Open(file);
        return picture.Decode(orientation);
    }
}
