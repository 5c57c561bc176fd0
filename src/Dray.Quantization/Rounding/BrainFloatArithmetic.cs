using System.Numerics;
using Dray.Inference.Compute;

namespace Dray.Quantization.Rounding;

/// <summary>bfloat16.</summary>
internal readonly struct BrainFloatArithmetic : IArithmetic
{
    public static float Round(float value) => BrainFloat.Decode(BrainFloat.Encode(value));

    public static Vector<float> Round(Vector<float> values)
    {
        var bits = Vector.AsVectorUInt32(values);
        return Vector.AsVectorSingle((bits + new Vector<uint>(0x7FFF) + ((bits >> 16) & Vector<uint>.One)) & new Vector<uint>(0xFFFF0000));
    }
}
