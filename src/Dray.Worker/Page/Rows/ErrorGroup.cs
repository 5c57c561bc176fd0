namespace Dray.Worker.Page.Rows;

/// <summary>The rows of a batch that failed in one way.</summary>
/// <param name="Code">The code of their errors.</param>
/// <param name="Rows">How many.</param>
/// <param name="Example">What the first one's error says.</param>
/// <param name="ExampleRow">The first one's number, from 1.</param>
public sealed record ErrorGroup(string Code, long Rows, string Example, long ExampleRow);
