namespace Dray.Inference.Tokenization;

/// <summary>A picture by reference.</summary>
/// <param name="Url">Where it is, as the request says: a <c>data:</c> URL, a blob, a path. Nothing is fetched here.</param>
public sealed record ImagePart(string Url) : ContentPart;
