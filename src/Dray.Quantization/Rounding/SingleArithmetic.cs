using System.Numerics;

namespace Dray.Quantization.Rounding;

/// <summary>float32.</summary>
internal readonly struct SingleArithmetic : IArithmetic
{
    public static float Round(float value) => value;

    public static Vector<float> Round(Vector<float> values) => values;
}
