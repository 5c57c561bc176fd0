namespace Dray.Quantization.Calibration.Records;

/// <summary>What the bytes of a <see cref="SourceRecord"/> are.</summary>
internal enum RecordKind
{
    /// <summary>A JSON value.</summary>
    Json,

    /// <summary>A plain text.</summary>
    Text,

    /// <summary>The reason why the record couldn't be read, as the end of a sentence that begins with where it is.</summary>
    Unreadable,
}
