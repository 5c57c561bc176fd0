using System.Runtime.InteropServices;
using System.Text.Json;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Export;
using Dray.Quantization.Rounding;
using Dray.Tests.Checkpoints;

namespace Dray.Quantization.Tests.Export;

public sealed class PackedWeightTests
{
    [Fact]
    public void Of_GoldenCases_WritesUpstreamsBytes()
    {
        using var file = SafetensorsFile.Open(SharedFolder.Require("goldens", "autoround", "pack.safetensors"));
        using var description = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Require("goldens", "autoround", "pack.json")));
        var cases = description.RootElement.GetProperty("cases").EnumerateArray().ToList();
        foreach (var golden in cases)
        {
            var name = golden.GetProperty("name").GetString()!;
            var scheme = new WeightScheme(golden.GetProperty("bits").GetInt32(), golden.GetProperty("group_size").GetInt32(), golden.GetProperty("sym").GetBoolean());
            var weight = new QuantizedWeight(golden.GetProperty("N").GetInt32(), golden.GetProperty("K").GetInt32(), scheme);
            Bytes(file, name + ".codes").CopyTo(weight.Codes, 0);
            var zeros = Bytes(file, name + ".zeros");
            var scales = MemoryMarshal.Cast<byte, Half>(Bytes(file, name + ".scales"));
            for (var i = 0; i < zeros.Length; i++)
            {
                var (group, n) = (i / weight.Outputs, i % weight.Outputs);
                weight.Zeros[(n * weight.Groups) + group] = zeros[i];
                weight.Scales[(n * weight.Groups) + group] = (float)scales[i];
            }

            var packed = PackedWeight.Of(weight, golden.GetProperty("packing_format").GetString() == "auto_round:auto_gptq");

            MemoryMarshal.AsBytes(packed.Codes.AsSpan()).ToArray().ShouldBe(Bytes(file, name + ".qweight"), name);
            MemoryMarshal.AsBytes(packed.Zeros.AsSpan()).ToArray().ShouldBe(Bytes(file, name + ".qzeros"), name);
            MemoryMarshal.AsBytes(packed.Scales.AsSpan()).ToArray().ShouldBe(Bytes(file, name + ".scales"), name);
        }

        cases.Count.ShouldBe(19);
    }

    [Theory]
    [InlineData(2, 32, 64)]
    [InlineData(3, 128, 160)]
    [InlineData(4, -1, 96)]
    [InlineData(8, 64, 64)]
    public void Of_EveryWidth_EqualsThePackerThatGoesBitByBit(int bits, int groupSize, int inputs)
    {
        var scheme = new WeightScheme(bits, groupSize, false);
        var expected = new PackedLayer(new Random(bits), 32, inputs, bits, scheme.GroupWidth(inputs), symmetric: false);
        var weight = new QuantizedWeight(32, inputs, scheme);
        expected.Codes.CopyTo(weight.Codes, 0);
        expected.Scales.CopyTo(weight.Scales, 0);
        for (var i = 0; i < weight.Zeros.Length; i++) weight.Zeros[i] = (byte)expected.Zeros[i];

        var tensors = TensorOutput.Of("layer", PackedWeight.Of(weight, zeroMinusOne: false), 32).ToList();

        foreach (var (tensor, entry) in tensors.Zip(expected.Gptq("layer", 0)))
        {
            (tensor.Name, tensor.TypeName, tensor.Length).ShouldBe((entry.Name, entry.Type, entry.Bytes));
            tensor.Shape.ShouldBe(entry.Shape);
            Written(tensor.Write).ShouldBe(Written(entry.Write), entry.Name);
        }

        tensors.Sum(tensor => tensor.Length).ShouldBe(PackedWeight.BytesOf(32, inputs, scheme));
    }

    [Fact]
    public void Of_ZeroPointOfNothingStoredMinusOne_IsStoredAsOneAsUpstreamDoes()
    {
        var weight = new QuantizedWeight(32, 32, new WeightScheme(4, 32, false));
        weight.Zeros[0] = 0;
        weight.Zeros[1] = 15;

        PackedWeight.Of(weight, zeroMinusOne: true).Zeros[0].ShouldBe(0xE0u);
    }

    [Fact]
    public void Of_SizeThatFillsNoWords_IsRefused() =>
        Should.Throw<ArgumentException>(() => PackedWeight.Of(new QuantizedWeight(32, 40, WeightScheme.W4A16), true)).Message.ShouldContain("[32, 40]");

    private static byte[] Bytes(SafetensorsFile file, string name)
    {
        var bytes = new byte[file.Tensors[name].Length];
        file.Tensors[name].Read(0, bytes);
        return bytes;
    }

    private static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}
