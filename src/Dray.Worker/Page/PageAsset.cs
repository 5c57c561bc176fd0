namespace Dray.Worker.Page;

/// <summary>A file that pages are made with.</summary>
/// <param name="Url">Its path, which has a hash of its content in it: what was fetched once never changes.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Content">The file.</param>
internal sealed record PageAsset(string Url, string ContentType, byte[] Content);
