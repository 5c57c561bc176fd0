using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;
using Dray.Inference;
using Dray.Inference.Vision;
using SkiaSharp;

namespace Dray.Worker.Tests.Schedules;

public sealed class TiffPagesTests
{
    private const int Seed = 7;
    private const int Mutations = 3000;

    private static readonly byte[] ThreePages = TiffFile.Of(TiffFile.Fax(), TiffFile.Colour(), TiffFile.Fax());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => [.. KindsByName.Keys];

    private static Dictionary<string, (Action<Tiff> Page, string Left, string Right)> KindsByName { get; } = new()
    {
        ["bilevel, G4"] = (TiffFile.Fax(), "#000000", "#ffffff"),
        ["bilevel, G3"] = (TiffFile.Page(Compression.CCITTFAX3, Photometric.MINISBLACK, 1, [0xFF], [0]), "#ffffff", "#000000"),
        ["grey, 16 bits, Deflate"] = (TiffFile.Page(Compression.ADOBE_DEFLATE, Photometric.MINISBLACK, 16, [0, 0x40], [0, 0xC0]), "#404040", "#c0c0c0"),
        ["grey, 8 bits, PackBits"] = (TiffFile.Page(Compression.PACKBITS, Photometric.MINISWHITE, 8, [0x10], [0xE0]), "#efefef", "#1f1f1f"),
        ["RGB, LZW"] = (TiffFile.Colour(), "#c80a14", "#1e2832"),
        ["RGB, 16 bits"] = (TiffFile.Page(Compression.NONE, Photometric.RGB, 16, [0, 1, 0, 2, 0, 3], [0, 0x80, 0, 0x90, 0, 0xA0]), "#010203", "#8090a0"),
        ["RGB, JPEG"] = (TiffFile.Page(Compression.JPEG, Photometric.RGB, 8, [200, 200, 200], [40, 40, 40]), "#c8c8c8", "#282828"),
        ["RGB and opacity"] = (
            TiffFile.Page(Compression.LZW, Photometric.RGB, 8, [0, 0, 0, 255], [0, 0, 0, 0], tiff => tiff.SetField(TiffTag.EXTRASAMPLES, 1, new short[] { 2 })),
            "#000000", "#ffffff"),
        ["CMYK"] = (
            TiffFile.Page(Compression.LZW, Photometric.SEPARATED, 8, [0, 255, 255, 0], [0, 0, 0, 255], tiff => tiff.SetField(TiffTag.INKSET, InkSet.CMYK)),
            "#ff0000", "#000000"),
        ["palette"] = (TiffFile.Page(Compression.LZW, Photometric.PALETTE, 8, [1], [2], SetPalette), "#ff0000", "#0000ff"),
        ["RGB, tiles"] = (TiffFile.Page(Compression.LZW, Photometric.RGB, 8, [1, 2, 3], [4, 5, 6], SetTiles), "#010203", "#040506"),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Render_Kind_HasItsColours(string kind)
    {
        var (page, left, right) = KindsByName[kind];

        using var picture = SKBitmap.Decode(TiffDocument.Open(TiffFile.Of(page)).Render(1, Token));

        (picture.Width, picture.Height).ShouldBe((TiffFile.Width, TiffFile.Height));
        (ColourAt(picture, 3, 5), ColourAt(picture, 28, 5)).ShouldBe((left, right));
    }

    [Theory]
    [InlineData(1, 3, 5, 28, 5)]
    [InlineData(2, 28, 5, 3, 5)]
    [InlineData(6, 5, 3, 5, 28)]
    [InlineData(8, 5, 28, 5, 3)]
    public void Render_Orientation_IsUpright(int orientation, int leftX, int leftY, int rightX, int rightY)
    {
        var file = TiffFile.Of(TiffFile.Page(
            Compression.LZW, Photometric.RGB, 8, [1, 2, 3], [4, 5, 6], tiff => tiff.SetField(TiffTag.ORIENTATION, Orientation.LEFTBOT)));

        using var picture = SKBitmap.Decode(TiffDocument.Open(TiffFile.With(file, 1, TiffTag.ORIENTATION, orientation)).Render(1, Token));

        (ColourAt(picture, leftX, leftY), ColourAt(picture, rightX, rightY)).ShouldBe(("#010203", "#040506"));
    }

    [Fact]
    public void Render_BytesChangedAtRandom_GivesAPageOrASentence()
    {
        var random = new Random(Seed);
        var outcomes = (Rendered: 0, Refused: 0);
        foreach (var kind in KindsByName.Values)
        {
            var whole = TiffFile.Of(kind.Page, kind.Page);
            for (var i = 0; i < Mutations / KindsByName.Count; i++)
            {
                var file = (byte[])whole.Clone();
                for (var changes = random.Next(1, 4); changes > 0; changes--) file[random.Next(TiffFile.LinkTo(file, 1), file.Length)] = (byte)random.Next(256);
                try
                {
                    var document = TiffDocument.Open(file);
                    for (var page = 1; page <= document.Pages; page++) document.Render(page, Token);
                    outcomes.Rendered++;
                }
                catch (RequestRejectedException e)
                {
                    e.Message.ShouldContain("TIFF");
                    outcomes.Refused++;
                }
            }
        }

        outcomes.Rendered.ShouldBePositive();
        outcomes.Refused.ShouldBePositive();
    }

    [Fact]
    public void Render_Cancelled_Stops() => Should.Throw<OperationCanceledException>(
        () => TiffDocument.Open(ThreePages).Render(1, new CancellationToken(canceled: true)));

    [Theory]
    [InlineData(TiffTag.IMAGEWIDTH, 60_000, TiffTag.IMAGELENGTH, 60_000, RequestErrorCodes.ContentTooLarge, "60000 x 60000 pixels, 3,600,000,000 in all")]
    [InlineData(TiffTag.IMAGEWIDTH, 70_000, TiffTag.IMAGELENGTH, 16, RequestErrorCodes.ContentTooLarge, "70000 x 16 pixels")]
    [InlineData(TiffTag.IMAGEWIDTH, 0, TiffTag.IMAGELENGTH, 16, RequestErrorCodes.ImageInvalid, "0 x 16 pixels")]
    [InlineData(TiffTag.ROWSPERSTRIP, -2, TiffTag.IMAGELENGTH, 16, RequestErrorCodes.ImageInvalid, "parts of 32 x 4294967294")]
    [InlineData(TiffTag.ROWSPERSTRIP, 1, TiffTag.IMAGELENGTH, 16, RequestErrorCodes.ImageInvalid, "fewer parts than the 16")]
    [InlineData(TiffTag.IMAGEWIDTH, 3_000, TiffTag.IMAGELENGTH, 16, RequestErrorCodes.ImageInvalid, "is damaged or cut short")]
    [InlineData(TiffTag.COMPRESSION, 6, TiffTag.IMAGELENGTH, 16, RequestErrorCodes.ImageInvalid, "compressed in a way (6) that isn't read")]
    [InlineData(TiffTag.SAMPLESPERPIXEL, 60_000, TiffTag.IMAGELENGTH, 16, RequestErrorCodes.ImageInvalid, "60000 samples a pixel")]
    public void Render_HeaderLies_IsRefusedBeforeAnythingIsDecoded(TiffTag tag, int value, TiffTag other, int otherValue, string code, string sentence)
    {
        var file = TiffFile.With(TiffFile.With(TiffFile.Of(TiffFile.Colour()), 1, tag, value), 1, other, otherValue);
        var document = TiffDocument.Open(file);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Should.Throw<RequestRejectedException>(() => document.Render(1, Token));

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
        refusal.Code.ShouldBe(code);
        refusal.Message.ShouldContain(sentence);
    }

    [Fact]
    public async Task RunAsync_DocumentOfThreePages_IsARowForEachAndOneSidecar()
    {
        await using var bench = await ScheduleBench.StartAsync();
        bench.Options = bench.Options with { Prompt = "{name} {page}" };
        await bench.AddAsync("a.tif", ThreePages);
        await bench.AddAsync("b.TIFF", TiffFile.Of(TiffFile.Colour()));

        (await bench.FireAsync()).ShouldBe(["a.tif 1", "a.tif 2", "a.tif 3", "b.TIFF 1"]);

        var pictures = await bench.PagesAsync("a.tif");
        using (var second = SKBitmap.Decode(pictures[1])) ColourAt(second, 0, 0).ShouldBe("#c80a14");
        var sidecar = await bench.ReadAsync("captions/a.tif.json");
        sidecar.GetProperty("pages").EnumerateArray().Select(page => (page.GetProperty("page").GetInt32(), page.GetProperty("answer").GetString()))
            .ShouldBe(pictures.Select((picture, i) => (i + 1, (string?)$"a.tif {i + 1}|{picture.Length}")));
        sidecar.TryGetProperty("error", out _).ShouldBeFalse();
        var lines = (await bench.Store.TryReadAsync("captions/scans-20270301T120000Z.jsonl", Token))!.Bytes.ToArray();
        System.Text.Encoding.UTF8.GetString(lines).ShouldContain(sidecar.GetRawText());
        (await bench.ReadAsync("captions/b.TIFF.json")).TryGetProperty("pages", out _).ShouldBeFalse();
        (await bench.FireAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task RunAsync_OnePageBad_TheOthersAreCaptionedAndTheDocumentIsTriedAgain()
    {
        await using var bench = await ScheduleBench.StartAsync();
        bench.Options = bench.Options with { Prompt = "{name} {page}", Retries = 1 };
        await bench.AddAsync("a.tif", TiffFile.With(TiffFile.With(ThreePages, 2, TiffTag.IMAGEWIDTH, 60_000), 2, TiffTag.IMAGELENGTH, 60_000));

        foreach (var isLast in new[] { false, true })
        {
            (await bench.FireAsync()).ShouldBe(["a.tif 1", "a.tif 3"]);
            var sidecar = await bench.ReadAsync("captions/a.tif.json");
            var pages = sidecar.GetProperty("pages").EnumerateArray().ToArray();
            pages.Select(page => page.TryGetProperty("answer", out _)).ShouldBe([true, false, true]);
            pages[1].GetProperty("error").GetProperty("code").GetString().ShouldBe("content_too_large");
            sidecar.GetProperty("error").GetProperty("message").GetString().ShouldStartWith("Page 2 of the TIFF is 60000 x 60000 pixels");
            sidecar.TryGetProperty("given_up", out _).ShouldBe(isLast);
        }

        (await bench.FireAsync()).ShouldBeEmpty();
    }

    public static TheoryData<string, string[], string> BadFiles => new()
    {
        { "three hundred pages", [], "The TIFF has more than the 256 pages allowed" },
        { "a cycle", ["1", "2", "3"], "Page 4 of the TIFF leads back to an earlier page" },
        { "the end missing", ["1", "2"], "Page 3 of the TIFF is cut off" },
        { "a strip missing", ["1", "3"], "Page 2 of the TIFF is cut off" },
        { "only the header", [], "Page 1 of the TIFF is cut off" },
        { "BigTIFF", [], "The file is a BigTIFF, which isn't read" },
        { "pixels damaged", ["1", "3"], "Page 2 of the TIFF is damaged" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task RunAsync_BadFile_FailsItsPicturesAloneWithASentence(string kind, string[] goodPages, string sentence)
    {
        await using var bench = await ScheduleBench.StartAsync();
        bench.Options = bench.Options with { Prompt = "{page}" };
        await bench.AddAsync("bad.tif", BadFile(kind));
        await bench.AddAsync("good.png");

        (await bench.FireAsync()).ShouldBe([.. goodPages.Prepend("1").Order(StringComparer.Ordinal)]);

        (await bench.ReadAsync("captions/bad.tif.json")).GetProperty("error").GetProperty("message").GetString()!.ShouldStartWith(sentence);
        (await bench.ReadAsync("captions/good.png.json")).GetProperty("answer").GetString().ShouldBe("1|9");
    }

    private static byte[] BadFile(string kind)
    {
        switch (kind)
        {
            case "three hundred pages":
                return TiffFile.Of([.. Enumerable.Repeat(TiffFile.Fax(), 300)]);
            case "a cycle":
                var cycle = (byte[])ThreePages.Clone();
                cycle.AsSpan(TiffFile.LinkTo(cycle, 2), 4).CopyTo(cycle.AsSpan(TiffFile.LinkTo(cycle, 4)));
                return cycle;
            case "the end missing":
                return ThreePages[..^10];
            case "a strip missing":
                return TiffFile.With(ThreePages, 2, TiffTag.STRIPOFFSETS, ThreePages.Length - 8);
            case "only the header":
                return ThreePages[..8];
            case "BigTIFF":
                return [(byte)'I', (byte)'I', 43, 0, .. new byte[40]];
            default:
                var damaged = (byte[])ThreePages.Clone();
                var strips = BinaryPrimitives.ReadInt32LittleEndian(damaged.AsSpan(TiffFile.ValueOf(damaged, 2, TiffTag.STRIPOFFSETS)));
                damaged.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(damaged.AsSpan(strips)), 8).Fill(0xFF);
                return damaged;
        }
    }

    private static void SetPalette(Tiff tiff)
    {
        var (red, green, blue) = (new ushort[256], new ushort[256], new ushort[256]);
        (red[1], blue[2]) = (ushort.MaxValue, ushort.MaxValue);
        tiff.SetField(TiffTag.COLORMAP, red, green, blue);
    }

    private static void SetTiles(Tiff tiff)
    {
        tiff.SetField(TiffTag.TILEWIDTH, 16);
        tiff.SetField(TiffTag.TILELENGTH, 16);
    }

    private static string ColourAt(SKBitmap picture, int x, int y) =>
        picture.GetPixel(x, y) is var colour ? $"#{colour.Red:x2}{colour.Green:x2}{colour.Blue:x2}" : "";
}
