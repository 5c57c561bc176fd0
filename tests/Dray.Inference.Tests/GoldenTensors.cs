using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dray.Inference.Tests;

/// <summary>Reads the tensors of a small safetensors file of reference values.</summary>
internal sealed class GoldenTensors(string path)
{
    private readonly byte[] _file = File.ReadAllBytes(path);

    public IEnumerable<string> Names => Header().EnumerateObject().Select(tensor => tensor.Name).Where(name => name != "__metadata__");

    public byte[] Bytes(string name)
    {
        var offsets = Header().GetProperty(name).GetProperty("data_offsets");
        var start = 8 + HeaderLength() + offsets[0].GetInt32();
        return _file.AsSpan(start, offsets[1].GetInt32() - offsets[0].GetInt32()).ToArray();
    }

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();

    public int[] Shape(string name) => [.. Header().GetProperty(name).GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];

    private JsonElement Header() => JsonSerializer.Deserialize<JsonElement>(_file.AsSpan(8, HeaderLength()));

    private int HeaderLength() => (int)BinaryPrimitives.ReadInt64LittleEndian(_file);
}
