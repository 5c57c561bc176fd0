namespace Dray.Worker.Client;

/// <summary>A picture that rows name by a relative path.</summary>
/// <param name="Path">The path as a row has it.</param>
/// <param name="Name">Its name among the batch's pictures in the store.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">The hash of its content, lower-case hex.</param>
internal sealed record ScannedPicture(string Path, string Name, long Bytes, string Sha256);
