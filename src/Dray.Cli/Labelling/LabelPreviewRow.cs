namespace Dray.Cli.Labelling;

/// <summary>A row of a preview.</summary>
/// <param name="Number">Its number in the data, from 1.</param>
/// <param name="Values">Its values.</param>
/// <param name="Label">What came of it.</param>
internal sealed record LabelPreviewRow(long Number, object?[] Values, Label Label);
