using CsCheck;
using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Vision;

public sealed class ImageProcessorHostileInputTests
{
    private static readonly ImageSpec Small = new(PatchSize: 14, MaxSize: 112, MergeSize: 2);
    private static readonly ImageProcessor Processor = new(Small, new ImageOptions { MaxPixels = 200_000 });

    [Fact]
    public void Process_HeaderClaimsHugePicture_IsTooLargeBeforeDecoding()
    {
        var file = new PngFile(30_000, 30_000, 8, PngFile.Rgb).Finish([1, 2, 3]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Should.Throw<RequestRejectedException>(() => new ImageProcessor(Small).Process(file));
        error.Code.ShouldBe(RequestErrorCodes.ContentTooLarge);
        error.Message.ShouldContain("30000 x 30000");
        Should.Throw<RequestRejectedException>(() => new ImageProcessor(Small).Probe(file)).Code.ShouldBe(RequestErrorCodes.ContentTooLarge);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
    }

    [Fact]
    public void Process_PixelsWithoutData_IsInvalid() =>
        Reject(new PngFile(400, 400, 8, PngFile.Rgb).Finish([1, 2, 3])).Code.ShouldBe(RequestErrorCodes.ImageInvalid);

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    [InlineData(-1, 5)]
    public void Process_NoPixels_IsInvalid(int width, int height) =>
        Reject(new PngFile(width, height, 8, PngFile.Rgb).Finish([1, 2, 3])).Code.ShouldBe(RequestErrorCodes.ImageInvalid);

    [Fact]
    public void Process_TooManyBytes_IsTooLarge()
    {
        var file = ImageFixtures.Read("px14.png");
        var error = Should.Throw<RequestRejectedException>(
            () => new ImageProcessor(Small, new ImageOptions { MaxBytes = file.Length - 1 }).Process(file));
        error.Code.ShouldBe(RequestErrorCodes.ContentTooLarge);
        new ImageProcessor(Small, new ImageOptions { MaxBytes = file.Length }).Process(file).Pixels.IsEmpty.ShouldBeFalse();
    }

    [Fact]
    public void Process_Empty_IsInvalid() => Reject([]).Code.ShouldBe(RequestErrorCodes.ImageInvalid);

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>")]
    [InlineData("%PDF-1.7")]
    [InlineData("BM")]
    [InlineData("GIF89a")]
    public void Process_NotAPicture_IsInvalidAndNamesTheFormats(string text)
    {
        var error = Reject(System.Text.Encoding.ASCII.GetBytes(text));
        error.Code.ShouldBe(RequestErrorCodes.ImageInvalid);
        error.Message.ShouldEndWith(".");
    }

    [Theory]
    [MemberData(nameof(ImageFixtures.All), MemberType = typeof(ImageFixtures))]
    public void Process_CutInHalfOrBefore_IsInvalid(string name)
    {
        var file = ImageFixtures.Read(name);
        // The GIF's first frame is whole after half of the file.
        var longest = name.EndsWith(".gif", StringComparison.Ordinal) ? file.Length / 3 : file.Length / 2;
        for (var length = 0; length <= longest; length += 1 + (length / 16)) Reject(file[..length]).Code.ShouldBe(RequestErrorCodes.ImageInvalid);
    }

    [Theory]
    [InlineData("progressive.jpg")]
    [InlineData("cmyk.jpg")]
    [InlineData("exif_rotated.jpg")]
    public void Process_JpegWithoutItsEnd_IsInvalid(string name) => Reject(ImageFixtures.Read(name)[..^2]).Code.ShouldBe(RequestErrorCodes.ImageInvalid);

    [Fact]
    public void Process_JpegOfVeryManyScans_IsInvalidBeforeDecoding()
    {
        var file = ImageFixtures.Read("progressive.jpg");
        byte[] scans = [.. Enumerable.Repeat<byte[]>([0xFF, 0xDA, 0, 2], 101).SelectMany(scan => scan)];
        Reject([.. file[..^2], .. scans, .. file[^2..]]).Message.ShouldContain("scans");
    }

    [Fact]
    public void Process_RandomBytes_NeverFailsOtherwise() => Gen.Byte.Array[0, 300].Sample(file => Survive(file));

    [Fact]
    public void Process_MutatedFiles_NeverFailsOtherwise()
    {
        var changes = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Bool).Array[1, 6];
        Gen.Select(Gen.Int[0, ImageFixtures.Names.Length - 1], changes).Sample(
            (picture, edits) =>
            {
                var file = ImageFixtures.Read(ImageFixtures.Names[picture]);
                // Headers are where damage does most, so every other change goes there.
                foreach (var (at, value, inHeader) in edits) file[at % (inHeader ? Math.Min(file.Length, 64) : file.Length)] = value;
                Survive(file);
            },
            iter: 1500);
    }

    private static void Survive(byte[] file)
    {
        try
        {
            Processor.Process(file).Pixels.IsEmpty.ShouldBeFalse();
        }
        catch (RequestRejectedException rejected)
        {
            rejected.Code.ShouldBeOneOf(RequestErrorCodes.ImageInvalid, RequestErrorCodes.ContentTooLarge);
            rejected.Message.ShouldEndWith(".");
        }
    }

    private static RequestRejectedException Reject(byte[] file) => Should.Throw<RequestRejectedException>(() => Processor.Process(file));
}
