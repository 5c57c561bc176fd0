namespace Dray.Inference.Compute.Cpu;

/// <summary>Where quantised inputs lie after a segment's scales and sums, in bytes.</summary>
/// <param name="Row">From a row to the next.</param>
/// <param name="Plane">From the high plane to the low one.</param>
/// <param name="Word">From one word's inputs to the next word's.</param>
/// <param name="PlaneBytes">Bytes of a row's plane that are zero past its inputs; 0 where words aren't next to each other.</param>
internal readonly record struct IntegerStrides(int Row, int Plane, int Word, int PlaneBytes = 0);
