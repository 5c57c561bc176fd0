namespace Dray.Inference.Models;

/// <summary>How far loading has come.</summary>
/// <param name="Layers">Decoder layers resident.</param>
/// <param name="TotalLayers">Decoder layers of the model.</param>
public readonly record struct LoadProgress(int Layers, int TotalLayers);
