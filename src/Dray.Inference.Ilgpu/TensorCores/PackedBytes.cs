namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>Takes bytes of a packed matrix, which lie at <paramref name="offset"/> of it. They are overwritten after the call.</summary>
internal delegate void PackedBytes(long offset, ReadOnlySpan<byte> bytes);
