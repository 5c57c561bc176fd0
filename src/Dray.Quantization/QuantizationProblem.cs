namespace Dray.Quantization;

/// <summary>Why a checkpoint couldn't be written.</summary>
public enum QuantizationProblem
{
    /// <summary>The output folder exists, is in use, holds another run's work or can't be written to.</summary>
    OutputRefused,

    /// <summary>The disk has too little room.</summary>
    DiskFull,
}
