using System.Security.Cryptography;
using System.Text.Json;
using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Vision;

public sealed class ImageProcessorTests
{
    private static readonly ImageSpec Spec = new(PatchSize: 14, MaxSize: 1024, MergeSize: 2);
    private static readonly ImageProcessor AsStored = new(Spec, new ImageOptions { Orientation = ImageOrientation.Ignore });

    [Theory]
    [MemberData(nameof(ImageFixtures.All), MemberType = typeof(ImageFixtures))]
    public void Process_Fixture_MeetsUpstreamsCells(string name)
    {
        var expected = ImageFixtures.Expected(name);
        var file = ImageFixtures.Read(name);

        var image = AsStored.Process(file);

        image.Geometry.TokenColumns.ShouldBe(expected.GetProperty("token_columns").GetInt32());
        image.Geometry.TokenRows.ShouldBe(expected.GetProperty("token_rows").GetInt32());
        image.Pixels.Length.ShouldBe(image.Geometry.PatchColumns * image.Geometry.PatchRows * 3 * 14 * 14);
        image.ContentHash.ToArray().ShouldBe(SHA256.HashData(file));
        image.ToPooled().WorstAgainst([.. expected.GetProperty("pooled").EnumerateArray().Select(value => value.GetSingle())])
            .ShouldBeLessThan(name.EndsWith(".png", StringComparison.Ordinal) ? 1e-4 : 0.05);
    }

    [Fact]
    public void Process_EveryGolden_MeetsUpstreamsCells()
    {
        var folder = SharedFolder.Require("goldens", "image");
        var tensors = new GoldenTensors(Path.Combine(folder, "tensors.safetensors"));
        foreach (var row in File.ReadLines(Path.Combine(folder, "images.jsonl")).Select(line => JsonSerializer.Deserialize<JsonElement>(line)))
        {
            var path = row.GetProperty("file").GetString()!;
            var file = File.ReadAllBytes(Path.Combine(folder, path));
            var name = Path.GetFileName(path);
            var geometry = AsStored.Probe(file).Geometry;
            (geometry.TokenColumns, geometry.TokenRows, geometry.PatchColumns, geometry.PatchRows, geometry.Width, geometry.Height).ShouldBe(
                (Number("token_cols"), Number("token_rows"), Number("patch_cols"), Number("patch_rows"), Number("resized_width"), Number("resized_height")));
            if (!row.GetProperty("portable").GetBoolean()) continue;

            var image = AsStored.Process(file);
            image.Geometry.ShouldBe(geometry);
            image.ToPooled().WorstAgainst(tensors.Floats("pooled/" + name))
                .ShouldBeLessThan(name.EndsWith(".png", StringComparison.Ordinal) ? 1e-4 : 0.05, name);

            int Number(string property) => row.GetProperty(property).GetInt32();
        }
    }

    [Fact]
    public void Patch_EveryGoldenDecoded_MeetsUpstreamsPixels()
    {
        var tensors = new GoldenTensors(SharedFolder.Require("goldens", "image", "tensors.safetensors"));
        var names = tensors.Names.Where(name => name.StartsWith("pixels/", StringComparison.Ordinal)).ToArray();
        names.Length.ShouldBe(13);
        foreach (var name in names)
        {
            var rgb = name.Replace("pixels/", "rgb/", StringComparison.Ordinal);
            var shape = tensors.Shape(rgb);
            var image = ImageProcessor.Patch(new RgbImage(shape[1], shape[0], tensors.Bytes(rgb)), Spec, []);
            tensors.Shape(name).ShouldBe([3, image.Geometry.Height, image.Geometry.Width]);
            image.ToPlanes().WorstAgainst(tensors.Floats(name)).ShouldBeLessThan(1e-4, name);
        }
    }

    [Fact]
    public void Probe_TurnedPicture_GivesUprightSize()
    {
        var file = ImageFixtures.Read("exif_rotated.jpg");
        var upright = new ImageProcessor(Spec).Probe(file);
        var stored = AsStored.Probe(file);
        (upright.Width, upright.Height).ShouldBe((stored.Height, stored.Width));
        new ImageProcessor(Spec).Process(file).Geometry.ShouldBe(upright.Geometry);
    }

    [Fact]
    public void Process_ManyThreads_GivesTheSamePixels()
    {
        var files = ImageFixtures.Names.Select(ImageFixtures.Read).ToArray();
        var alone = files.Select(file => AsStored.Process(file).Pixels.ToArray()).ToArray();
        Parallel.For(0, files.Length * 4, i => AsStored.Process(files[i % files.Length]).Pixels.Span.SequenceEqual(alone[i % files.Length]).ShouldBeTrue());
    }

    [Theory]
    [InlineData(0, 1024, 2)]
    [InlineData(14, 0, 2)]
    [InlineData(14, 1_000_000, 2)]
    [InlineData(14, 1024, -1)]
    public void Constructor_SpecOutOfRange_Throws(int patch, int maxSize, int merge) =>
        Should.Throw<ArgumentException>(() => new ImageProcessor(new ImageSpec(patch, maxSize, merge)));

    [Fact]
    public void Constructor_LimitsOutOfRange_Throws()
    {
        Should.Throw<ArgumentException>(() => new ImageProcessor(Spec, new ImageOptions { MaxBytes = 0 }));
        Should.Throw<ArgumentException>(() => new ImageProcessor(Spec, new ImageOptions { MaxPixels = int.MaxValue }));
    }
}
