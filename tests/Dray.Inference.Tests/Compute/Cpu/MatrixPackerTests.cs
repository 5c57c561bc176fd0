using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Checkpoints;
using Dray.Tests.Compute;

namespace Dray.Inference.Tests.Compute.Cpu;

public sealed unsafe class MatrixPackerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ThreadTeam _team = new(3);

    public void Dispose()
    {
        _team.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(4, 64, 256, 128, true)]
    [InlineData(4, 40, 72, 32, true)]
    [InlineData(4, 3200, 320, 200, false)]
    [InlineData(4, 8, 24, 12, true)]
    [InlineData(8, 36, 104, 7, false)]
    [InlineData(8, 1060, 1200, 64, true)]
    public void Pack_WordsOfTheCheckpoint_AreThoseThatItsCodesGive(int bits, int outputs, int inputs, int groupSize, bool symmetric)
    {
        var layer = new PackedLayer(new Random(bits), outputs, inputs, bits, groupSize, symmetric);
        var path = Path.Combine(_folder.Path, "packed.safetensors");
        SafetensorsWriter.Write(path, [.. layer.Gptq("m", 0)]);
        using var file = SafetensorsFile.Open(path);
        var tensors = new PackedTensors(file.Tensors["m.qweight"], file.Tensors["m.qzeros"], file.Tensors["m.scales"], DataType.Float16);
        var source = new GptqLinear("m", outputs, inputs, bits, groupSize, tensors, zeroMinusOne: false);
        var packer = new MatrixPacker(_team);

        using var words = packer.Pack([source])[0];
        using var codes = packer.Pack([new CodesOnly(source)])[0];

        words.Code.ShouldBe(codes.Code);
        Bytes(words).SequenceEqual(Bytes(codes)).ShouldBeTrue();
        for (var group = 0; group < words.Groups; group++)
        {
            for (var n = 0; n < outputs; n++)
            {
                words.Scales(n / WeightStrip.Width, group)[n % WeightStrip.Width].ShouldBe(layer.Scales[(n * words.Groups) + group]);
                if (words.Code != WeightCode.Nibbles) words.Offsets(n / WeightStrip.Width, group)[n % WeightStrip.Width].ShouldBe(layer.Zeros[(n * words.Groups) + group]);
            }
        }
    }

    [Theory]
    [InlineData(DataType.BFloat16, 70, 513)]
    [InlineData(DataType.BFloat16, 32, 16)]
    [InlineData(DataType.BFloat16, 5, 1)]
    [InlineData(DataType.Float16, 77, 19)]
    [InlineData(DataType.Float32, 33, 40)]
    public void Pack_DenseWeights_AreAllInPlace(DataType type, int outputs, int inputs)
    {
        var source = new InMemoryDense(1, outputs, inputs, type);
        using var part = new MatrixPacker(_team).Pack([source])[0];
        var (expected, actual) = (new float[inputs], new float[inputs]);
        for (var n = 0; n < outputs; n++)
        {
            source.ReadRows(n, 1, expected);
            part.CopyRow(n, actual);
            actual.ShouldBe(expected, $"output {n}");
        }
    }

    [Fact]
    public void Pack_SeveralPartsAtOnce_EachAsByItself()
    {
        LinearSource[] sources = [new InMemoryQuantized(1, 40, 96, 4, 32), new InMemoryDense(2, 200, 96, DataType.BFloat16), new InMemoryQuantized(3, 8, 96, 3, 96, symmetric: false)];
        var packer = new MatrixPacker(_team);
        var together = packer.Pack(sources);
        for (var i = 0; i < sources.Length; i++)
        {
            using var alone = packer.Pack([sources[i]])[0];
            Bytes(together[i]).SequenceEqual(Bytes(alone)).ShouldBeTrue(sources[i].Name);
            together[i].Dispose();
        }
    }

    private static ReadOnlySpan<byte> Bytes(PackedPart part) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<float>(part.Words(0, part.Segments[0]), part.Strips * WeightStrip.Width * part.WordsPerOutput));

    /// <summary>A layer that hides how its codes are stored.</summary>
    private sealed class CodesOnly(QuantizedLinear inner) : QuantizedLinear(inner.Name, inner.Outputs, inner.Inputs, inner.Bits, inner.GroupSize)
    {
        public override void ReadCodes(int first, int count, Span<byte> codes) => inner.ReadCodes(first, count, codes);

        public override void ReadGroup(int group, int first, Span<float> scales, Span<short> zeros) => inner.ReadGroup(group, first, scales, zeros);
    }
}
