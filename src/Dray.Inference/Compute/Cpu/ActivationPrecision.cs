namespace Dray.Inference.Compute.Cpu;

/// <summary>To how many bits inputs of quantised weights are rounded where a path multiplies integers.</summary>
public enum ActivationPrecision
{
    /// <summary>16 bits: a 65,279th of the greatest magnitude of a row's group. Paths without integer kernels use float32.</summary>
    Bits16,

    /// <summary>8 bits: a 255th of the greatest magnitude of a row's group, at twice the speed.</summary>
    Bits8,
}
