using BenchmarkDotNet.Attributes;
using Dray.Inference.Vision;
using SkiaSharp;

namespace Dray.Benchmarks.Vision;

/// <summary>An A4 page at 200 dpi (1654 x 2339) to the model's input, at Mistral-Small-3.2's size: decode, resize, both.</summary>
[MemoryDiagnoser]
public class ImageProcessorBenchmarks
{
    private static readonly ImageSpec Spec = new(PatchSize: 14, MaxSize: 1540, MergeSize: 2);

    private readonly ImageProcessor _processor = new(Spec);
    private byte[] _file = [];
    private RgbImage? _page;

    /// <summary>Gets or sets how the page is encoded.</summary>
    [Params(SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg)]
    public SKEncodedImageFormat Format { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(1654, 2339, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using var ink = new SKPaint { Color = SKColors.Black, StrokeWidth = 3, IsAntialias = true };
        canvas.Clear(SKColors.White);
        var random = new Random(1);
        for (var line = 150; line < 2200; line += 34)
        {
            for (var x = 140; x < 1500; x += 12)
                canvas.DrawLine(x, line + random.Next(20), x + random.Next(12), line + random.Next(20), ink);
        }

        canvas.Flush();
        using var encoded = bitmap.Encode(Format, 90);
        _file = encoded.ToArray();
        _page = Decode();
    }

    [Benchmark]
    public object DecodeOnly() => Decode();

    private RgbImage Decode()
    {
        using var picture = new SkiaImageDecoder().Open(_file);
        return picture.Decode(ImageOrientation.Apply);
    }

    [Benchmark]
    public object Resize() => ImageProcessor.Patch(_page!, Spec, []);

    [Benchmark]
    public object Process() => _processor.Process(_file);
}
