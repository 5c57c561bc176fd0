namespace Dray.Quantization.Calibration.Records;

/// <summary>One record of a calibration file, not yet understood.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Place">Where it is, such as <c>line 12</c>; empty for a whole file.</param>
/// <param name="Utf8">Its bytes; one more than <see cref="RecordLimits.RecordBytes"/> where it is longer than that.</param>
/// <param name="IsJson">Whether the bytes are JSON, or else a text.</param>
internal readonly record struct SourceRecord(string File, string Place, byte[] Utf8, bool IsJson)
{
    /// <summary>Gets file and place, for messages.</summary>
    public string At => Place.Length == 0 ? $"'{File}'" : $"{Place} of '{File}'";
}
