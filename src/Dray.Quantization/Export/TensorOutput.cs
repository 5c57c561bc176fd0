using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Quantization.Export;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="TypeName">Element type as the format calls it, such as <c>BF16</c>.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Write">Writes exactly so many bytes.</param>
internal sealed record TensorOutput(string Name, string TypeName, IReadOnlyList<long> Shape, long Length, Action<Stream> Write)
{
    private const int CopyBytes = 4 << 20;

    /// <summary>A tensor of another file, byte for byte.</summary>
    public static TensorOutput Copy(StoredTensor tensor) => new(tensor.Name, tensor.TypeName, tensor.Shape, tensor.Length, stream =>
    {
        var buffer = new byte[Math.Min(CopyBytes, tensor.Length)];
        for (var done = 0L; done < tensor.Length; done += buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.Length - done));
            tensor.Read(done, part);
            stream.Write(part);
        }
    });

    /// <summary>The three tensors of a quantized layer.</summary>
    /// <param name="module">The layer's name in the checkpoint.</param>
    /// <param name="packed">The layer.</param>
    /// <param name="outputs">N.</param>
    public static IEnumerable<TensorOutput> Of(string module, PackedWeight packed, int outputs)
    {
        var groups = packed.Scales.Length / outputs;
        yield return Of(module + ".qweight", "I32", packed.Codes, packed.Codes.Length / outputs);
        yield return Of(module + ".qzeros", "I32", packed.Zeros, groups);
        yield return Of(module + ".scales", "F16", packed.Scales, groups);
    }

    private static TensorOutput Of<T>(string name, string typeName, T[] values, int rows)
        where T : unmanaged
    {
        var length = MemoryMarshal.AsBytes(values.AsSpan()).Length;
        return new(name, typeName, [rows, values.Length / rows], length, stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan())));
    }
}
