using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Where an input is read from, more than once.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Open">Opens it at its beginning.</param>
internal sealed record InputSource(string Name, Func<CancellationToken, Task<Stream>> Open)
{
    private const int BufferBytes = 1 << 18;

    /// <summary>A local file.</summary>
    public static InputSource OfFile(string file) => new(
        file,
        _ => Task.FromResult<Stream>(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, useAsync: false)));

    /// <summary>A blob of the store.</summary>
    public static InputSource OfBlob(IBlobStore store, string path, string name) =>
        new(name, token => store.OpenReadAsync(path, cancellationToken: token));
}
