namespace Dray.Tests.Checkpoints;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Element type as the format calls it.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="Write">Writes exactly <see cref="Bytes"/> bytes.</param>
internal sealed record SafetensorsEntry(string Name, string Type, long[] Shape, Action<Stream> Write)
{
    /// <summary>Gets the size in bytes.</summary>
    public long Bytes => Shape.Aggregate(1L, (product, size) => product * size) * Type switch
    {
        "U8" => 1,
        "BF16" or "F16" => 2,
        "F32" or "I32" => 4,
        _ => throw new ArgumentException($"No writer for {Type}.", nameof(Type)),
    };

    /// <summary>A tensor whose bytes are at hand.</summary>
    public static SafetensorsEntry Of(string name, string type, long[] shape, byte[] bytes) =>
        new(name, type, shape, stream => stream.Write(bytes));
}
