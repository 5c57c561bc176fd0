namespace Dray.Inference.Checkpoints;

/// <summary>Element types of the safetensors format that Dray reads.</summary>
public enum DataType
{
    /// <summary>bfloat16: the upper half of a float32.</summary>
    BFloat16,

    /// <summary>IEEE 754 half precision.</summary>
    Float16,

    /// <summary>IEEE 754 single precision.</summary>
    Float32,

    /// <summary>Signed 32-bit integers, which hold packed codes.</summary>
    Int32,

    /// <summary>Signed 64-bit integers.</summary>
    Int64,

    /// <summary>Unsigned bytes.</summary>
    UInt8,
}
