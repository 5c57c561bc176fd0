using Dray.Inference.Vision;
using SkiaSharp;

namespace Dray.Inference.Tests.Vision;

public sealed class ThumbnailTests
{
    [Theory]
    [MemberData(nameof(ImageFixtures.All), MemberType = typeof(ImageFixtures))]
    public void Of_EveryFormat_IsAJpegWithinTheSide(string name)
    {
        var jpeg = Thumbnail.Of(ImageFixtures.Read(name), 16);

        jpeg[..3].ShouldBe([0xFF, 0xD8, 0xFF]);
        var (width, height) = SizeOf(jpeg);
        width.ShouldBeInRange(1, 16);
        height.ShouldBeInRange(1, 16);
    }

    [Theory]
    [InlineData(400, 200, 100, 100, 50)]
    [InlineData(200, 400, 100, 50, 100)]
    [InlineData(1000, 1, 100, 100, 1)]
    [InlineData(60, 40, 100, 60, 40)]
    public void Of_LargerPicture_KeepsItsShape_AndASmallerItsSize(int width, int height, int side, int newWidth, int newHeight) =>
        SizeOf(Thumbnail.Of(Picture(width, height), side)).ShouldBe((newWidth, newHeight));

    [Fact]
    public void Of_LyingPicture_IsUpright()
    {
        byte[] entry = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        byte[] exif = [.. "Exif\0\0MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, .. entry];
        var jpeg = Picture(400, 200);
        byte[] lying = [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];

        using var upright = SKBitmap.Decode(Thumbnail.Of(lying, 100));

        // The left half, which was dark, is the upper one.
        (upright.Width, upright.Height).ShouldBe((50, 100));
        upright.GetPixel(25, 10).Red.ShouldBeLessThan((byte)64);
        upright.GetPixel(25, 90).Red.ShouldBeGreaterThan((byte)192);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no picture")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>")]
    public void Of_NoPicture_IsRefused(string text) =>
        Should.Throw<RequestRejectedException>(() => Thumbnail.Of(System.Text.Encoding.UTF8.GetBytes(text), 16)).Code.ShouldBe(RequestErrorCodes.ImageInvalid);

    [Fact]
    public void Of_PictureCutShort_IsRefused()
    {
        var jpeg = Picture(400, 200);

        Should.Throw<RequestRejectedException>(() => Thumbnail.Of(jpeg.AsMemory(0, jpeg.Length / 2), 16)).Code.ShouldBe(RequestErrorCodes.ImageInvalid);
    }

    [Fact]
    public void Of_MorePixelsThanAllowed_IsRefused() => Should.Throw<RequestRejectedException>(
        () => Thumbnail.Of(Picture(400, 200), 16, new ImageOptions { MaxPixels = 79_999 })).Code.ShouldBe(RequestErrorCodes.ContentTooLarge);

    private static (int Width, int Height) SizeOf(byte[] jpeg)
    {
        using var codec = SKCodec.Create(new MemoryStream(jpeg));
        return (codec.Info.Width, codec.Info.Height);
    }

    // The left half is black, the right one white.
    private static byte[] Picture(int width, int height)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgb888x, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.White);
        using (var canvas = new SKCanvas(bitmap))
        using (var black = new SKPaint { Color = SKColors.Black }) canvas.DrawRect(0, 0, width / 2, height, black);
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return encoded.ToArray();
    }
}
