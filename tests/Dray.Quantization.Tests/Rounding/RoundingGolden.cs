using System.Text.Json;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests.Rounding;

/// <summary>One file of auto-round's own vectors with its description.</summary>
internal sealed class RoundingGolden : IDisposable
{
    private readonly SafetensorsFile _file;
    private readonly JsonElement _description;

    /// <summary>Opens a file by its name without extension; skips the test where the shared folder isn't there.</summary>
    public RoundingGolden(string name)
    {
        _description = JsonElement.Parse(File.ReadAllText(SharedFolder.Require("goldens", "autoround", $"{name}.json")));
        _file = SafetensorsFile.Open(SharedFolder.Require("goldens", "autoround", $"{name}.safetensors"));
    }

    public JsonElement Case(string name) =>
        _description.GetProperty("cases").EnumerateArray().First(description => description.GetProperty("name").GetString() == name);

    public DataType TypeOf(string name) => _file.Tensors[name].DataType!.Value;

    public bool Has(string name) => _file.Tensors.ContainsKey(name);

    public byte[] Bytes(string name)
    {
        var bytes = new byte[_file.Tensors[name].Length];
        _file.Tensors[name].Read(0, bytes);
        return bytes;
    }

    /// <summary>A tensor widened to float32.</summary>
    public float[] Floats(string name)
    {
        var bytes = Bytes(name);
        var values = new float[bytes.Length / Widening.SizeOf(TypeOf(name))];
        Widening.ToSingle(TypeOf(name), bytes, values);
        return values;
    }

    /// <summary>A case's weights as a layer.</summary>
    public BlockLayer Layer(string name)
    {
        var description = Case(name);
        var symmetric = !description.TryGetProperty("sym", out var sym) || sym.GetBoolean();
        var scheme = new WeightScheme(4, description.GetProperty("group_size").GetInt32(), symmetric);
        var (n, k) = (description.GetProperty("N").GetInt32(), description.GetProperty("K").GetInt32());
        return new BlockLayer(name, n, k, Floats($"{name}.weight"), scheme, TypeOf($"{name}.weight"));
    }

    public void Dispose() => _file.Dispose();
}
