namespace Dray.Inference.Models;

/// <summary>How far loading has come.</summary>
/// <param name="Layers">Decoder layers resident.</param>
/// <param name="TotalLayers">Decoder layers of the model.</param>
/// <param name="Bytes">Bytes of the checkpoint's tensors that have been read.</param>
/// <param name="TotalBytes">Bytes of the checkpoint's files.</param>
public readonly record struct LoadProgress(int Layers, int TotalLayers, long Bytes, long TotalBytes);
