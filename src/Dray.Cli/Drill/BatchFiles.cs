using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Cli.Drill;

/// <summary>What the store holds of a batch that is over, read whole; for batches of a drill's size.</summary>
internal sealed partial class BatchFiles
{
    private readonly Dictionary<string, byte[]> _blobs = [];

    private BatchFiles(BatchManifest manifest, BatchSnapshot snapshot, byte[] manifestBytes) =>
        (Manifest, Snapshot, ManifestBytes) = (manifest, snapshot, manifestBytes);

    /// <summary>Gets the manifest.</summary>
    public BatchManifest Manifest { get; }

    /// <summary>Gets the manifest as it is in the store.</summary>
    public byte[] ManifestBytes { get; }

    /// <summary>Gets the batch as clients see it.</summary>
    public BatchSnapshot Snapshot { get; }

    /// <summary>Gets the input's rows.</summary>
    public IReadOnlyList<InputLine> Input { get; private set; } = [];

    /// <summary>Gets the rows that succeeded.</summary>
    public IReadOnlyList<BatchOutputRow> Output { get; private set; } = [];

    /// <summary>Gets the rows that failed.</summary>
    public IReadOnlyList<BatchOutputRow> Errors { get; private set; } = [];

    /// <summary>Reads a batch, or gives null where it has no manifest: it isn't done.</summary>
    public static async Task<BatchFiles?> TryReadAsync(IBlobStore store, string batchId, CancellationToken cancellationToken)
    {
        var path = BatchPaths.Manifest(batchId);
        if (await store.TryReadAsync(path, cancellationToken) is not { } content) return null;
        var manifest = BlobJson.Read<BatchManifest>(content.Bytes.Span, path);
        var files = new BatchFiles(manifest, await new BatchReader(store).ReadAsync(batchId, cancellationToken), content.Bytes.ToArray());
        foreach (var blob in new[] { manifest.Input.Path, manifest.Output.Path, manifest.Errors.Path })
            files._blobs[blob] = await ReadAsync(store, blob, cancellationToken);
        foreach (var chunk in manifest.Chunks)
            files._blobs[BatchPaths.Chunk(batchId, chunk.Index)] = await ReadAsync(store, BatchPaths.Chunk(batchId, chunk.Index), cancellationToken);
        files.Input = await files.LinesOf(manifest.Input.Path).ToArrayAsync(cancellationToken);
        files.Output = await files.RowsOf(manifest.Output.Path).ToArrayAsync(cancellationToken);
        files.Errors = await files.RowsOf(manifest.Errors.Path).ToArrayAsync(cancellationToken);
        return files;
    }

    /// <summary>The hash of a file or chunk, as hex digits.</summary>
    public string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(_blobs[path]));

    /// <summary>How long a file or chunk is, in bytes.</summary>
    public long LengthOf(string path) => _blobs[path].Length;

    /// <summary>The answers of both files without the time at which the batch was created, which is the one thing that two runs differ in.</summary>
    public string ComparableText()
    {
        var text = Encoding.UTF8.GetString(_blobs[Manifest.Output.Path]) + Encoding.UTF8.GetString(_blobs[Manifest.Errors.Path]);
        return Created().Replace(text, "\"created\":0");
    }

    private static async Task<byte[]> ReadAsync(IBlobStore store, string path, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
        await stream.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    private IAsyncEnumerable<InputLine> LinesOf(string path) => BatchInputReader.OfOwnFiles.ReadAsync(new MemoryStream(_blobs[path]));

    private IAsyncEnumerable<BatchOutputRow> RowsOf(string path) =>
        LinesOf(path).Select(line => BlobJson.Read<BatchOutputRow>(line.Bytes.Span, path));

    // A quote inside an answer is escaped, so that this meets no text of the model's.
    [GeneratedRegex("\"created\":[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Created();
}
