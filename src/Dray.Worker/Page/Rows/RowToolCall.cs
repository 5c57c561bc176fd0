namespace Dray.Worker.Page.Rows;

/// <summary>A tool that an answer calls.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">What it is given: JSON, indented where it is valid.</param>
public sealed record RowToolCall(string Name, string Arguments);
