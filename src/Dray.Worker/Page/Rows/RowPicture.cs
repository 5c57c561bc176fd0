namespace Dray.Worker.Page.Rows;

/// <summary>A picture of a row.</summary>
/// <param name="Index">Which of the row's pictures, from 0.</param>
/// <param name="Name">Its path or URL, shortened; a picture in the row itself has none.</param>
/// <param name="IsShown">Whether the page can show it; the web is never asked for one.</param>
public sealed record RowPicture(int Index, string Name, bool IsShown);
