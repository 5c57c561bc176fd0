using System.Security.Cryptography;
using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Fetches the answers of a batch that is done, and checks that they are those of its manifest.</summary>
internal sealed class OutputDownload(IBlobStore store)
{
    private const int BufferBytes = 1 << 18;

    /// <summary>Fetches both files.</summary>
    /// <exception cref="BatchClientException">What the store holds isn't what the manifest says.</exception>
    public async Task<OutputResult> FetchAsync(BatchManifest manifest, string folder, CancellationToken cancellationToken)
    {
        var target = OutputFolder.Open(folder);
        await target.WriteAsync(async (output, errors) =>
        {
            await CopyAsync(manifest.Output, output, cancellationToken);
            await CopyAsync(manifest.Errors, errors, cancellationToken);
        });
        return new OutputResult
        {
            Batch = manifest.Batch,
            IsPartial = false,
            Completed = manifest.Batch.RequestCounts.Completed,
            Failed = manifest.Batch.RequestCounts.Failed,
            OutputFile = target.OutputFile,
            ErrorsFile = target.ErrorsFile,
        };
    }

    private async Task CopyAsync(BlobDigest blob, Stream target, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var source = await store.OpenReadAsync(blob.Path, cancellationToken: cancellationToken);
        var buffer = new byte[BufferBytes];
        for (int read; (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found == blob.Sha256) return;
        throw new BatchClientException(
            BatchClientProblem.Damaged,
            $"'{blob.Path}' has the SHA-256 {found}, but the manifest says {blob.Sha256}; something else has written to the store.");
    }
}
