using System.Security.Cryptography;
using Dray.Worker.Storage;

namespace Dray.Worker.Embedded;

/// <summary>The output folder of embedded batches, held by one run at a time; the system lets go of it when the run dies.</summary>
internal sealed class EmbeddedFolder : IDisposable
{
    private const string OutputName = "output.jsonl";
    private const string ErrorsName = "errors.jsonl";
    private readonly FileSystemBlobStore _results;
    private readonly FileStream _lock;

    private EmbeddedFolder(string folder, FileStream held)
    {
        (Folder, _lock) = (folder, held);
        _results = new FileSystemBlobStore(folder);
        Store = new FileSystemBlobStore(Path.Combine(folder, ".dray"));
        Store.RemoveLeftovers();
    }

    /// <summary>Gets the folder's full path.</summary>
    public string Folder { get; }

    /// <summary>Gets the store in the folder.</summary>
    public FileSystemBlobStore Store { get; }

    /// <summary>Gets the file of the rows that succeeded.</summary>
    public string OutputFile => Path.Combine(Folder, OutputName);

    /// <summary>Gets the file of the rows that failed.</summary>
    public string ErrorsFile => Path.Combine(Folder, ErrorsName);

    /// <summary>Takes a folder, which is created where there is none.</summary>
    /// <exception cref="EmbeddedBatchException">Another run holds it, or it can't be written to.</exception>
    public static EmbeddedFolder Take(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, ".dray"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedBatchException(
                EmbeddedBatchProblem.StoreFailed, $"The output folder '{folder}' can't be written to: {e.Message}", e);
        }

        FileStream? held = null;
        try
        {
            held = ExclusiveFile.Open(Path.Combine(folder, ".dray", "lock"), FileMode.OpenOrCreate);
            return new EmbeddedFolder(folder, held);
        }
        catch (IOException e) when (ExclusiveFile.IsHeld(e))
        {
            throw new EmbeddedBatchException(
                EmbeddedBatchProblem.OutputBusy,
                $"Another run is writing to '{folder}'; wait for it to end, or choose another output folder.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new EmbeddedBatchException(
                EmbeddedBatchProblem.StoreFailed, $"The output folder '{folder}' can't be written to: {e.Message}", e);
        }
    }

    /// <summary>Copies the input into the store, unless it is there.</summary>
    /// <exception cref="EmbeddedBatchException">It no longer has the hash <paramref name="sha256"/>.</exception>
    public static Task ImportAsync(IBlobStore store, string jobsFile, string path, string sha256, CancellationToken cancellationToken) =>
        store.TryCreateAsync(
            path,
            async (target, token) =>
            {
                await using var source = File.OpenRead(jobsFile);
                using var hash = SHA256.Create();
                await using (var hashed = new CryptoStream(target, hash, CryptoStreamMode.Write, leaveOpen: true))
                {
                    await source.CopyToAsync(hashed, token);
                }

                if (Convert.ToHexStringLower(hash.Hash!) != sha256)
                    throw new EmbeddedBatchException(
                        EmbeddedBatchProblem.InputRefused, $"'{jobsFile}' changed while it was read; run again once it is complete.");
            },
            cancellationToken);

    /// <summary>Copies the output files of a batch that is done out of the store.</summary>
    public async Task ExportAsync(IBlobStore store, string outputPath, string errorsPath, CancellationToken cancellationToken)
    {
        foreach (var (source, name) in new[] { (outputPath, OutputName), (errorsPath, ErrorsName) })
        {
            await _results.PutAsync(
                name,
                async (target, token) =>
                {
                    await using var stream = await store.OpenReadAsync(source, cancellationToken: token);
                    await stream.CopyToAsync(target, token);
                },
                cancellationToken);
        }
    }

    /// <summary>Deletes what the store has of a batch.</summary>
    public static async Task ForgetAsync(IBlobStore store, string batchId, CancellationToken cancellationToken)
    {
        // The manifest goes first: a batch half forgotten isn't done.
        await store.DeleteAsync(BatchPaths.Manifest(batchId), cancellationToken);
        await foreach (var path in store.ListAsync(BatchPaths.Folder(batchId), cancellationToken))
            await store.DeleteAsync(path, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        _results.Dispose();
        _lock.Dispose();
    }
}
