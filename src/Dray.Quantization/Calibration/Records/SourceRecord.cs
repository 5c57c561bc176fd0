namespace Dray.Quantization.Calibration.Records;

/// <summary>One record of a calibration file, not yet understood.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Place">Where it is, such as <c>line 12</c>; empty for a whole file.</param>
/// <param name="Utf8">Its bytes: JSON, or a text.</param>
/// <param name="Kind">What the bytes are.</param>
internal readonly record struct SourceRecord(string File, string Place, byte[] Utf8, RecordKind Kind)
{
    /// <summary>Gets file and place, for messages.</summary>
    public string At => Place.Length == 0 ? $"'{File}'" : $"{Place} of '{File}'";
}
