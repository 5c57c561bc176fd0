using System.Numerics;

namespace Dray.Quantization.Rounding;

/// <summary>What results are rounded to after each operation in float32, as on tensors of some type.</summary>
internal interface IArithmetic
{
    /// <summary>Rounds a finite value to the nearest of the type, the even one of two.</summary>
    static abstract float Round(float value);

    /// <summary>Rounds finite values.</summary>
    static abstract Vector<float> Round(Vector<float> values);
}
