namespace Dray.Worker.Page.Rows;

/// <summary>A message of a row's prompt.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Text">What they say, pictures left out.</param>
/// <param name="Pictures">The pictures they show.</param>
public sealed record RowMessage(string Role, string Text, IReadOnlyList<RowPicture> Pictures);
