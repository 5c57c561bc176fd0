using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Inference.Models;

/// <summary>
/// The patch merger's weights with their inputs reordered from channel-major (channel · s + patch, what the checkpoint has, after torch's
/// unfold) to patch-major (patch · channels + channel), so that a merged row is simply its patches side by side.
/// </summary>
internal sealed class PatchMajorLinear : DenseLinear
{
    private readonly DenseLinear _inner;
    private readonly int _patches;

    private PatchMajorLinear(DenseLinear inner, int patches)
        : base(inner.Name, inner.Outputs, inner.Inputs, inner.DataType) => (_inner, _patches) = (inner, patches);

    /// <summary>Wraps a dense layer.</summary>
    /// <exception cref="CheckpointException">The layer is quantised, which no exporter does.</exception>
    public static PatchMajorLinear From(LinearSource source, int patches) => source is DenseLinear dense
        ? new PatchMajorLinear(dense, patches)
        : throw new NotSupportedException($"{source.Name} is quantised; the patch merger must be kept in 16 or 32 bits.");

    public override void ReadRaw(int first, int count, Span<byte> target)
    {
        _inner.ReadRaw(first, count, target);
        if (DataType == DataType.Float32) Reorder(MemoryMarshal.Cast<byte, float>(target), count);
        else Reorder(MemoryMarshal.Cast<byte, ushort>(target), count);
    }

    public override void ReadRows(int first, int count, Span<float> target)
    {
        _inner.ReadRows(first, count, target);
        Reorder(target, count);
    }

    private void Reorder<T>(Span<T> rows, int count)
        where T : unmanaged
    {
        var (copy, channels) = (new T[Inputs], Inputs / _patches);
        for (var row = 0; row < count; row++)
        {
            var values = rows.Slice(row * Inputs, Inputs);
            values.CopyTo(copy);
            for (var i = 0; i < Inputs; i++) values[i] = copy[(i % channels * _patches) + (i / channels)];
        }
    }
}
