namespace Dray.Worker.Client;

/// <summary>What one look at an input tells.</summary>
/// <param name="Source">Where it is.</param>
/// <param name="Sha256">The hash of its content, lower-case hex.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Rows">Lines that aren't blank.</param>
/// <param name="UnreadableRows">Rows that aren't JSON objects with a body.</param>
/// <param name="Pictures">The different pictures named by relative paths, in ordinal order of their names in the store.</param>
/// <param name="MissingPictures">Paths of pictures that can't be read, in ordinal order.</param>
internal sealed record InputScan(
    InputSource Source, string Sha256, long Bytes, long Rows, long UnreadableRows, IReadOnlyList<ScannedPicture> Pictures,
    IReadOnlyList<string> MissingPictures);
