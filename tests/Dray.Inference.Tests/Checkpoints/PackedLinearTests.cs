using Dray.Inference.Checkpoints;
using Dray.Tests.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

public sealed class PackedLinearTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, 64, 128, 32)]
    [InlineData(2, 32, 96, 128)]
    [InlineData(3, 32, 96, 32)]
    [InlineData(3, 96, 160, 64)]
    [InlineData(4, 64, 256, 128)]
    [InlineData(4, 40, 72, 32)]
    [InlineData(4, 8, 8, 8)]
    [InlineData(8, 36, 104, 7)]
    [InlineData(8, 32, 64, 64)]
    public void ReadCodes_GptqLayouts_EqualWhatWasPacked(int bits, int outputs, int inputs, int groupSize)
    {
        foreach (var zeroMinusOne in (bool[])[true, false])
        {
            var layer = new PackedLayer(new Random(bits), outputs, inputs, bits, groupSize, symmetric: false, zeroMinusOne ? 1 : 0);
            using var file = Write(layer.Gptq("m", zeroMinusOne ? 1 : 0));
            Verify(layer, new GptqLinear("m", outputs, inputs, bits, groupSize, Tensors(file), zeroMinusOne));
        }
    }

    [Theory]
    [InlineData(64, 128, 32)]
    [InlineData(32, 96, 64)]
    [InlineData(8, 8, 8)]
    public void ReadCodes_AwqLayout_EqualsWhatWasPacked(int outputs, int inputs, int groupSize)
    {
        var layer = new PackedLayer(new Random(1), outputs, inputs, 4, groupSize, symmetric: false);
        using var file = Write(layer.Awq("m"));
        Verify(layer, new AwqLinear("m", outputs, inputs, groupSize, Tensors(file)));
    }

    [Fact]
    public void ReadScales_StoredZeroAllOnesInTheMinusOneLayout_ReadsAsSixteen()
    {
        var layer = new PackedLayer(new Random(1), 8, 8, 4, 8, symmetric: true);
        layer.Zeros.AsSpan().Fill(16);
        using var file = Write(layer.Gptq("m", 1));
        var zeros = new short[8];
        new GptqLinear("m", 8, 8, 4, 8, Tensors(file), zeroMinusOne: true).ReadScales(0, 8, new float[8], zeros);
        zeros.ShouldAllBe(zero => zero == 16);
    }

    [Fact]
    public void ReadCodes_OutsideTheMatrixOrIntoTooLittleSpace_Throws()
    {
        var layer = new PackedLayer(new Random(1), 8, 8, 4, 8, symmetric: true);
        using var file = Write(layer.Gptq("m", 1));
        var linear = new GptqLinear("m", 8, 8, 4, 8, Tensors(file), zeroMinusOne: true);
        Should.Throw<ArgumentOutOfRangeException>(() => linear.ReadCodes(0, 9, new byte[128]));
        Should.Throw<ArgumentOutOfRangeException>(() => linear.ReadCodes(-1, 1, new byte[128]));
        Should.Throw<ArgumentOutOfRangeException>(() => linear.ReadCodes(0, 8, new byte[63]));
        Should.Throw<ArgumentOutOfRangeException>(() => linear.ReadScales(0, 8, new float[8], new short[7]));
        Should.Throw<ArgumentOutOfRangeException>(() => linear.ReadRows(0, 8, new float[63]));
    }

    [Fact]
    public void ReadCodes_Repeated_AllocatesNothing()
    {
        var layer = new PackedLayer(new Random(1), 64, 128, 4, 32, symmetric: true);
        using var file = Write(layer.Gptq("m", 1));
        var linear = new GptqLinear("m", 64, 128, 4, 32, Tensors(file), zeroMinusOne: true);
        var (codes, scales, zeros) = (new byte[16 * 128], new float[16 * 4], new short[16 * 4]);
        linear.ReadCodes(0, 16, codes);
        linear.ReadScales(0, 16, scales, zeros);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var first = 0; first < 64; first += 16)
        {
            linear.ReadCodes(first, 16, codes);
            linear.ReadScales(first, 16, scales, zeros);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static void Verify(PackedLayer layer, QuantizedLinear linear)
    {
        foreach (var strip in (int[])[linear.Outputs, 1, 5, 16, 17])
        {
            for (var first = 0; first < linear.Outputs; first += strip)
            {
                var count = Math.Min(strip, linear.Outputs - first);
                var codes = new byte[count * linear.Inputs];
                var rows = new float[count * linear.Inputs];
                var scales = new float[count * linear.Groups];
                var zeros = new short[count * linear.Groups];
                linear.ReadCodes(first, count, codes);
                linear.ReadScales(first, count, scales, zeros);
                linear.ReadRows(first, count, rows);
                codes.ShouldBe(layer.Codes.AsSpan(first * linear.Inputs, codes.Length).ToArray());
                rows.ShouldBe(layer.Weights.AsSpan(first * linear.Inputs, rows.Length).ToArray());
                scales.ShouldBe(layer.Scales.AsSpan(first * linear.Groups, scales.Length).ToArray());
                zeros.ShouldBe(layer.Zeros.AsSpan(first * linear.Groups, zeros.Length).ToArray());
            }
        }
    }

    private static PackedTensors Tensors(SafetensorsFile file) =>
        new(file.Tensors["m.qweight"], file.Tensors["m.qzeros"], file.Tensors["m.scales"], DataType.Float16);

    private SafetensorsFile Write(IEnumerable<SafetensorsEntry> entries)
    {
        var path = Path.Combine(_folder.Path, "packed.safetensors");
        File.Delete(path);
        SafetensorsWriter.Write(path, [.. entries]);
        return SafetensorsFile.Open(path);
    }
}
