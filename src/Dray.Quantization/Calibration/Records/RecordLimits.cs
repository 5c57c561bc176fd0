namespace Dray.Quantization.Calibration.Records;

/// <summary>What one calibration source may hold; more is refused before it is in memory.</summary>
internal static class RecordLimits
{
    /// <summary>The longest record, in bytes.</summary>
    public const int RecordBytes = 16 << 20;

    /// <summary>The largest file that is read as a whole (plain text and JSON), in bytes.</summary>
    public const int WholeFileBytes = 64 << 20;

    /// <summary>The most bytes of a source's records together.</summary>
    public const long SourceBytes = 1L << 30;

    /// <summary>The most records of a source, repeats included.</summary>
    public const int Records = 2_000_000;

    /// <summary>The most files of a folder.</summary>
    public const int Files = 10_000;
}
