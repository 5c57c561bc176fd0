using System.Runtime.InteropServices;
using System.Text.Json;
using Dray.Inference.Checkpoints;

namespace Dray.Inference.Tests.Checkpoints;

/// <summary>The packed layouts against what auto-round's own packers wrote.</summary>
public sealed class PackGoldenTests
{
    [Fact]
    public void ReadCodes_CommittedCases_EqualUpstreams() =>
        Verify(Path.Combine(AppContext.BaseDirectory, "Fixtures", "Checkpoints")).ShouldBe(5);

    [Fact]
    public void ReadCodes_AllGoldenCases_EqualUpstreams() => Verify(SharedFolder.Require("goldens", "autoround")).ShouldBe(19);

    private static int Verify(string folder)
    {
        var cases = 0;
        using var file = SafetensorsFile.Open(Path.Combine(folder, "pack.safetensors"));
        using var description = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "pack.json")));
        foreach (var golden in description.RootElement.GetProperty("cases").EnumerateArray())
        {
            var name = golden.GetProperty("name").GetString()!;
            var (n, k) = (golden.GetProperty("N").GetInt32(), golden.GetProperty("K").GetInt32());
            var group = Math.Min(golden.GetProperty("group_size").GetInt32(), k);
            var tensors = new PackedTensors(
                file.Tensors[$"{name}.qweight"], file.Tensors[$"{name}.qzeros"], file.Tensors[$"{name}.scales"], DataType.Float16);
            var linear = new GptqLinear(
                name, n, k, 4, group, tensors, golden.GetProperty("packing_format").GetString() == "auto_round:auto_gptq");

            var codes = new byte[n * k];
            linear.ReadCodes(0, n, codes);
            codes.ShouldBe(Bytes(file, $"{name}.codes"), name);

            var scales = new float[n * linear.Groups];
            var zeros = new short[n * linear.Groups];
            linear.ReadScales(0, n, scales, zeros);
            var expectedZeros = Bytes(file, $"{name}.zeros");
            for (var i = 0; i < zeros.Length; i++)
                ((int)zeros[i]).ShouldBe(expectedZeros[(i % linear.Groups * n) + (i / linear.Groups)], name);

            cases++;
            if (!file.Tensors.ContainsKey($"{name}.dequant")) continue;
            var rows = new float[n * k];
            linear.ReadRows(0, n, rows);
            rows.ShouldBe(MemoryMarshal.Cast<byte, float>(Bytes(file, $"{name}.dequant")).ToArray(), name);
        }

        return cases;
    }

    private static byte[] Bytes(SafetensorsFile file, string name)
    {
        var bytes = new byte[file.Tensors[name].Length];
        file.Tensors[name].Read(0, bytes);
        return bytes;
    }
}
